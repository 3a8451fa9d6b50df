// Everything is read, and closed.

import { lines, readerFrom, writeText } from "@pipe512/core";

const reader = readerFrom((writer) => writeText(writer, "hello\n".repeat(200)));
let count = 0;
for await (const line of lines(reader)) count += line === "hello" ? 1 : 0;
console.log(`${count} lines for ${process.argv[2]}`);
process.exitCode = 3;
