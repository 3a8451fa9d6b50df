// Something keeps the process alive, and a pipe of it waits for ever.

import { pipe } from "@pipe512/core";

const { reader, writer } = pipe({ name: "upload" });
globalThis.kept = reader;
setInterval(() => {}, 1000);
console.log(`listening on ${process.argv[2]}`);
await writer.write(new Uint8Array(700));
