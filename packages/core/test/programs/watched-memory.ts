// Opens, uses and closes 10,000 pipes under watch, each in one of the proper ways, and keeps none. Prints what the watch
// has reported, what it still lists, and how much memory stays in use: {"reports", "opened", "closed", "live", "bytes"}.

import { type PipeEnds, pipe } from "@pipe512/core";
import { snapshot, watch } from "@pipe512/core/diagnostics";

const collect = globalThis.gc as () => void;
const bytes = new Uint8Array(1033);
const into = new Uint8Array(2000);

const lives: ReadonlyArray<(ends: PipeEnds) => Promise<unknown>> = [
  // Reading to the end suffices: the reader need not be closed.
  async ({ reader, writer }) => {
    void writer.write(bytes).then(() => writer.close());
    for await (const chunk of reader) into.set(chunk);
  },
  // The last byte was read, but the end was not.
  async ({ reader, writer }) => {
    const reading = reader.read(into);
    await writer.write(bytes);
    writer.close();
    await reading;
  },
  // The reader closes, and the writer's write rejects.
  async ({ reader, writer }) => {
    const writing = writer.write(bytes).catch(() => {});
    await reader.read(into.subarray(0, 5));
    reader.close();
    await writing;
  },
  async ({ reader, writer }) => {
    const reading = reader.read(into).catch(() => {});
    writer.closeWithError(new Error("as it happens"));
    await reading;
  },
  async ({ reader, writer }) => {
    writer.close();
    reader.close();
  },
];

async function useMany(count: number): Promise<void> {
  for (let index = 0; index < count; index++) await lives[index % lives.length]?.(pipe({ name: `${index}` }));
}

async function heapUsed(): Promise<number> {
  for (let round = 0; round < 6; round++) {
    collect();
    await new Promise((resolve) => setImmediate(resolve));
  }
  return process.memoryUsage().heapUsed;
}

const reports: string[] = [];
let opened = 0;
let closed = 0;
watch({
  stallAfterMs: 60_000,
  onStall: ({ explanation }) => reports.push(explanation),
  onLeak: ({ explanation }) => reports.push(explanation),
  onOpen: () => {
    opened += 1;
  },
  onClose: () => {
    closed += 1;
  },
});
await useMany(1000);
const before = await heapUsed();
await useMany(10_000);
const after = await heapUsed();
console.log(JSON.stringify({ reports, opened, closed, live: snapshot().length, bytes: after - before }));
