import { size } from "../report/format.ts";
import type { Measurement, Target } from "./target.ts";

const KIB = 1024;
const MIB = 1024 * KIB;
const OURS = "RxJS readEach";
const THEIRS = "RxJS concatMap";

/** The targets of `@pipe512/rxjs`: PERF-25, speed first, then memory. */
export const rxjsTargets: readonly Target[] = [
  speed(64, false),
  speed(512, false),
  speed(4 * KIB, true),
  {
    id: "PERF-25",
    work: "memory at 256 MiB, readEach",
    against: "16 MiB",
    of: [memory(256 * MIB)],
    over: [memory(16 * MIB)],
    atMost: { default: 1.1 },
  },
];

function speed(chunkBytes: number, transfer: boolean): Target {
  const parameters = { chunkBytes, poolBytes: 256 * chunkBytes, transfer };
  return {
    id: "PERF-25",
    work: `${size(chunkBytes)}${transfer ? " transferred" : ""}, readEach, asynchronous consumer`,
    against: "from, concatMap",
    of: [{ implementation: OURS, scenario: "transfer", parameters }],
    over: [{ implementation: THEIRS, scenario: "transfer", parameters }],
    atMost: { default: 0.7 },
  };
}

function memory(totalBytes: number): Measurement {
  return { implementation: OURS, scenario: "peak-memory", parameters: { chunkBytes: 4 * KIB, totalBytes } };
}
