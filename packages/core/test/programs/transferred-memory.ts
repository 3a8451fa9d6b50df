// Moves many bytes, in the style that the argument names, and prints the memory in use after a garbage collection: once
// after the warm-up, and then after each quarter of a gibibyte: {"usedBytes": [warm, …]}.

import { pipe } from "@pipe512/core";

const collect = globalThis.gc as () => void;
const [style = "await", chunkSize = "65536"] = process.argv.slice(2);
const bytes = new Uint8Array(Number(chunkSize));
const { reader, writer } = pipe();
const { signal } = new AbortController();
const into = new Uint8Array(65_536);

/** One step of the transfer for each style: moves the bytes once, from the writer to the reader. */
const chunks = reader.chunks();
const views = reader.views();
const take = async (read: () => Promise<number>): Promise<void> => {
  const writing = writer.write(bytes, { transfer: style === "chunks" });
  for (let moved = 0; moved < bytes.length; ) moved += await read();
  if (style !== "views") await writing;
};
const styles: Record<string, () => Promise<void>> = {
  await: () => take(async () => (await reader.read(into)) ?? 0),
  signal: () => take(async () => (await reader.read(into, { signal, progress: { bytes: 0 } })) ?? 0),
  chunks: () => take(async () => (await chunks.next()).value?.length ?? 0),
  copies: () => take(async () => (await reader.readChunk())?.length ?? 0),
  views: () => take(async () => (await views.next()).value?.length ?? 0),
};
const turn = styles[style];
if (turn === undefined) throw new Error(`There is no style ${style}`);

async function used(): Promise<number> {
  for (let round = 0; round < 4; round++) {
    collect();
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

const quarter = Number(process.argv[4] ?? 2 ** 28);
const usedBytes: number[] = [];
for (let moved = 0; moved < quarter; moved += bytes.length) await turn();
usedBytes.push(await used());
for (let part = 0; part < 4; part++) {
  for (let moved = 0; moved < quarter; moved += bytes.length) await turn();
  usedBytes.push(await used());
}
console.log(JSON.stringify({ usedBytes, bytesRead: reader.bytesRead }));
