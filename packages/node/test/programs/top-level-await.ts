// A transfer whose reader gives up in the middle, without closing, under an await at top level.

import { pipe } from "@pipe512/core";

const { reader, writer } = pipe();

async function consume(): Promise<void> {
  await reader.read(new Uint8Array(100));
}

void consume();
await writer.write(new Uint8Array(1033));
console.log("never said");
