import { size } from "./report/format.ts";
import type { Measurement, Target } from "./targets.ts";

const KIB = 1024;

/** The targets of `@pipe512/core/shared` that two threads and their peers can show: PERF-42 and PERF-43, in that order. */
export const sharedTargets: readonly Target[] = [
  ...["shared, blocking", "shared, awaited"].flatMap((contender) => [
    target("PERF-42", contender, "postMessage", 64, 0.1),
    target("PERF-42", contender, "postMessage", 512, 0.2),
    target("PERF-42", contender, "postMessage", 64 * KIB, 2),
  ]),
  target("PERF-43", "shared, blocking", "kernel FIFO", 64, 0.2),
  target("PERF-43", "shared, blocking", "kernel FIFO", 512, 1),
  target("PERF-43", "shared, blocking", "kernel FIFO", 64 * KIB, 1),
];

function target(id: string, contender: string, against: string, chunkBytes: number, atMost: number): Target {
  const measured = (name: string): Measurement => ({
    contender: name,
    scenario: "transfer",
    parameters: { chunkBytes, poolBytes: chunkBytes },
  });
  return {
    id,
    work: `${size(chunkBytes)}, ${contender}`,
    against,
    of: [measured(contender)],
    over: [measured(against)],
    atMost: { default: atMost },
  };
}
