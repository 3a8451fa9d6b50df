// An end is lost at the same place many times, and the process exits before the garbage collector has run.

import { readerFrom } from "@pipe512/core";

function open(number) {
  return readerFrom((writer) => writer.write(new Uint8Array(2000 + number)), { name: "report" });
}

for (let number = 0; number < 40; number++) open(number);
setTimeout(() => process.exit(0), 20);
