// One side generates lines, and the other side prints what it reads. `consume` works with any reader, and `produce` with
// any writer.

import { lines, type Reader, readerFrom, type Writer, writeText } from "@pipe512/core";

export async function produce(writer: Writer): Promise<void> {
  for (let number = 0; number < 5; number++) await writeText(writer, `line ${number}\n`);
}

export async function consume(reader: Reader): Promise<void> {
  for await (const line of lines(reader)) console.log(line);
}

if (import.meta.main) await consume(readerFrom(produce));
