// The writer never closes, so the reader waits for more bytes.

import { pipe, readText, writeText } from "@pipe512/core";

const { reader, writer } = pipe({ name: "upload" });

async function produce(): Promise<void> {
  await writeText(writer, "all there is");
}

void produce();
void readText(reader).then((text) => console.log(text));
