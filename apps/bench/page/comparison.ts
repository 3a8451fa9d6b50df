import { Transfer } from "../src/scenarios/transfer.ts";
import { median } from "../src/statistics.ts";
import type { Open } from "../src/subjects/channel.ts";

/** Those contenders that need nothing but a browser. */
const LOADERS: Readonly<Record<string, () => Promise<{ readonly open: Open }>>> = {
  "core await": () => import("../src/subjects/core-await.ts"),
  "core try…": () => import("../src/subjects/core-try.ts"),
  "core for await": () => import("../src/subjects/core-for-await.ts"),
  "core views": () => import("../src/subjects/core-views.ts"),
  TransformStream: () => import("../src/subjects/transform-stream.ts"),
  "it-queueless-pushable": () => import("../src/subjects/it-queueless-pushable.ts"),
};

export const CHUNK_SIZES_BYTES = [64, 512, 4096, 65_536] as const;
const ROUNDS = 5;
const MEASURE_MS = 20;

/** A contender, and what a chunk of each size costs it in nanoseconds. */
export interface Row {
  readonly contender: string;
  readonly nsPerChunk: readonly number[];
}

/** Measures all of them here, interleaved. */
export async function compareHere(progress: (done: number) => void): Promise<Row[]> {
  const opens = await Promise.all(
    Object.entries(LOADERS).map(async ([contender, load]) => ({ contender, open: (await load()).open })),
  );
  const file = Uint8Array.from({ length: 1 << 20 }, (_, position) => position * 167);
  const costs = opens.map((): number[] => []);
  for (const [done, chunkBytes] of CHUNK_SIZES_BYTES.entries()) {
    progress(done / CHUNK_SIZES_BYTES.length);
    const field = opens.map(({ open }) => ({
      transfer: new Transfer(open, file, { chunkBytes }),
      seen: [] as number[],
    }));
    for (const { transfer } of field) await transfer.warmUp(60);
    for (let round = 0; round < ROUNDS; round++)
      for (const { transfer, seen } of field) seen.push((await transfer.measure(MEASURE_MS)).cost);
    for (const [index, { seen }] of field.entries()) costs[index]?.push(median(seen));
  }
  progress(1);
  return opens.map(({ contender }, index) => ({ contender, nsPerChunk: costs[index] ?? [] }));
}
