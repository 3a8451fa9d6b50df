import type { Comparison } from "../../src/runner/comparison.ts";
import type { Series } from "../../src/runner/participant.ts";
import type { CostSample } from "../../src/scenarios/scenario.ts";

/** Costs in rounds, for each size of chunks. */
export type Costs = Readonly<Record<number, readonly number[]>>;

/** A machine with nothing else to do. */
export const QUIET = { before: 0.1, after: 1.1 } as const;

/** What chunks of each size cost an implementation, as it was measured. */
export function transfers(implementation: string, costs: Costs): Series<CostSample>[] {
  return Object.entries(costs).map(([chunkBytes, rounds]) => ({
    implementation,
    scenario: "transfer",
    parameters: { chunkBytes: Number(chunkBytes) },
    samples: rounds.map((cost) => ({ cost, unit: "ns/chunk", steps: 1, elapsedNs: cost })),
  }));
}

/** A comparison in which nothing else was measured. */
export function comparison(more: Partial<Comparison>): Comparison {
  return { files: [], transfers: [], costs: [], stalls: [], timers: [], cancels: [], ...more };
}

/** What an implementation accepted while its reader stalled. */
export function stall(
  implementation: string,
  acceptedBytes: number,
  bounded = true,
): Comparison["stalls"][number] {
  const samples = [{ accepted: [{ chunkBytes: 512, acceptedBytes, bounded }] }];
  return { implementation, scenario: "stall", parameters: {}, samples };
}
