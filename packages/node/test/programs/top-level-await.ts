// A transfer under a top-level await. Its reader stops in the middle without close().

import { pipe } from "@pipe512/core";

const { reader, writer } = pipe();

async function consume(): Promise<void> {
  await reader.read(new Uint8Array(100));
}

void consume();
await writer.write(new Uint8Array(1033));
console.log("never said");
