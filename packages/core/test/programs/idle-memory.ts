// Makes 100,000 pipes and keeps them. The argument names what each pipe has done before it became idle. Prints the
// memory that they take after a garbage collection: {"bytes"}.

import { type PipeEnds, pipe } from "@pipe512/core";

const collect = globalThis.gc as () => void;
const bytes = new Uint8Array(5);
const into = new Uint8Array(5);

const histories: Record<string, (ends: PipeEnds) => Promise<unknown>> = {
  nothing: async () => {},
  // A read waits and gets its bytes directly, without the ring.
  "handed over": async ({ reader, writer }) => {
    const reading = reader.read(into);
    writer.tryWrite(bytes);
    return reading;
  },
  "through the ring": async ({ reader, writer }) => {
    writer.tryWrite(bytes);
    return reader.read(into);
  },
  "through a full ring": async ({ reader, writer }) => {
    writer.tryWrite(new Uint8Array(512));
    return reader.read(new Uint8Array(512));
  },
};
const history = histories[process.argv[2] ?? "nothing"];
if (history === undefined) throw new Error(`There is no history ${process.argv[2]}`);

async function used(): Promise<number> {
  for (let round = 0; round < 4; round++) {
    collect();
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

for (let warm = 0; warm < 1000; warm++) await history(pipe());
const kept: PipeEnds[] = [];
const before = await used();
for (let count = 0; count < 100_000; count++) {
  const ends = pipe();
  await history(ends);
  kept.push(ends);
}
const after = await used();
// Keeps the pipes reachable until here: unreachable ones would be collected.
const alive = kept.filter(({ writer }) => writer.bytesWritten >= 0).length;
console.log(JSON.stringify({ bytes: after - before, alive }));
