import { platform } from "./platform.ts";
import type { Capability, Supports } from "./supports.ts";
import { type Target, Trial } from "./trial.ts";

/** One thing that the contract promises, as a test. */
export interface Case {
  /** What is tested, what it does and when, then the numbers of the contract. */
  readonly title: string;
  /** What a target must support for the case to make sense. */
  readonly needs?: readonly Capability[];
  /** Set where the case collects garbage, which a platform has to allow. */
  readonly collectsGarbage?: true;
  /** Throws where the promise is not kept. */
  run(trial: Trial): Promise<void>;
}

/** Why `target` is not held to the case; `undefined` where it is. */
export function reasonToSkip({ needs = [], collectsGarbage }: Case, supports: Supports): string | undefined {
  const reason = needs.map((capability) => supports[capability]).find((support) => support !== true);
  if (typeof reason === "string") return reason;
  if (collectsGarbage && platform.gc === undefined)
    return "garbage cannot be collected here (node --expose-gc)";
  return undefined;
}

/**
 * Runs one case, whatever the target's manifest says. It settles on any target, one that hangs included.
 *
 * @throws What the case throws where the target does not keep the promise.
 */
export async function attempt(one: Case, target: Pick<Target, "create" | "turn">): Promise<void> {
  const trial = new Trial(target);
  try {
    await one.run(trial);
  } finally {
    trial.end();
    await trial.settle();
  }
}
