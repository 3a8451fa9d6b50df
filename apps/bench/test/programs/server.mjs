// A timer keeps the process alive, and an operation of its pipe waits for ever.

import { pipe } from "@pipe512/core";

const { reader, writer } = pipe({ name: "upload" });
globalThis.kept = reader;
setInterval(() => {}, 1000);
console.log(`listening on ${process.argv[2]}`);
await writer.write(new Uint8Array(700));
