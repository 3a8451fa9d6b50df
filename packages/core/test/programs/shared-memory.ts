import { attachReader, attachWriter, sharedPipe } from "@pipe512/core/shared";
import { inThread } from "../support/thread.ts";

// Moves many bytes between two threads, by blocking calls and by promises. Prints the memory of this thread in use after a garbage
// collection: once after the warm-up, and then after each part. The argument is the number of bytes of a part.

const collect = globalThis.gc as () => void;
const part = Number(process.argv[2]);
const { readerHandle, writerHandle } = sharedPipe();
const reader = attachReader(readerHandle);
const into = new Uint8Array(700);
const { worker } = inThread("feed", { handle: writerHandle, total: 2 ** 40, seed: 1 });
const back = sharedPipe();
const writer = attachWriter(back.writerHandle);
const echo = attachReader(back.readerHandle);

async function move(bytes: number): Promise<void> {
  const until = reader.bytesRead + bytes;
  for (let round = 0; reader.bytesRead < until; round += 1) {
    if (round % 8 === 0) await reader.read(into);
    else reader.readSync(into);
    if (round % 64 !== 0) continue;
    const writing = writer.write(into);
    await echo.read(into);
    await echo.readChunk();
    await writing;
  }
}

async function used(): Promise<number> {
  for (let round = 0; round < 4; round += 1) {
    collect();
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

const usedBytes: number[] = [];
for (let round = 0; round < 5; round += 1) {
  await move(part);
  usedBytes.push(await used());
}
console.log(JSON.stringify(usedBytes));
await worker.terminate();
