// The first example of many tutorials on Go's io.Pipe: one side writes "hello", and the other side reads it.

import { pipe, readText, writeText } from "@pipe512/core";

const { reader, writer } = pipe();

const writing = writeText(writer, "hello").finally(() => writer.close());
console.log(await readText(reader));
await writing;
