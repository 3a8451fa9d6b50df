// The first program of every tutorial on Go's io.Pipe: one side writes "hello", the other reads it back.

import { pipe, readText, writeText } from "@pipe512/core";

const { reader, writer } = pipe();

const writing = writeText(writer, "hello").finally(() => writer.close());
console.log(await readText(reader));
await writing;
