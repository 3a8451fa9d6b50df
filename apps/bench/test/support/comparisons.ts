import type { Comparison } from "../../src/runner/comparison.ts";
import type { Series } from "../../src/runner/participant.ts";
import type { CostSample } from "../../src/scenarios/scenario.ts";

/** Costs per round, for each chunk size. */
export type Costs = Readonly<Record<number, readonly number[]>>;

/** The load of an idle machine. */
export const QUIET = { before: 0.1, after: 1.1 } as const;

/** The measured costs of an implementation, for each chunk size. */
export function transfers(implementation: string, costs: Costs): Series<CostSample>[] {
  return Object.entries(costs).map(([chunkBytes, rounds]) => ({
    implementation,
    scenario: "transfer",
    parameters: { chunkBytes: Number(chunkBytes) },
    samples: rounds.map((cost) => ({ cost, unit: "ns/chunk", steps: 1, elapsedNs: cost })),
  }));
}

/** A comparison that contains only the given measurements. */
export function comparison(more: Partial<Comparison>): Comparison {
  return { files: [], transfers: [], costs: [], stalls: [], timers: [], cancels: [], ...more };
}

/** The number of bytes that an implementation accepted while its reader stalled. */
export function stall(
  implementation: string,
  acceptedBytes: number,
  bounded = true,
): Comparison["stalls"][number] {
  const samples = [{ accepted: [{ chunkBytes: 512, acceptedBytes, bounded }] }];
  return { implementation, scenario: "stall", parameters: {}, samples };
}
