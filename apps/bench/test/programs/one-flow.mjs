// Both ends in one async function: no read runs while the write waits, and the ring is full.

import { pipe, readAll, writeText } from "@pipe512/core";

async function main() {
  const { reader, writer } = pipe({ name: "greeting" });
  await writeText(writer, "hello ".repeat(200));
  writer.close();
  return readAll(reader);
}

void main();
