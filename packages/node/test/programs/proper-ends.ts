// All pipes are closed, have ended, or are idle, so there is nothing to report.

import { fromIterable, lines, pipe, readText, writeText } from "@pipe512/core";

const { reader, writer } = pipe();
void writeText(writer, "hello ".repeat(200)).then(() => writer.close());
console.log((await readText(reader)).length);
for await (const line of lines(fromIterable(["one\ntwo\n"]))) console.log(line);

const idle = pipe();
process.once("exit", () => idle.reader.close());
