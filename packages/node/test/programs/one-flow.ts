// Both ends in one async function: the ring is full, and the write waits for a read that comes after it.

import { pipe, readAll, writeText } from "@pipe512/core";

async function main(): Promise<void> {
  const { reader, writer } = pipe({ name: "greeting" });
  await writeText(writer, "hello ".repeat(200));
  writer.close();
  console.log(await readAll(reader));
}

void main();
