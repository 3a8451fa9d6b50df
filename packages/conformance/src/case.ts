import { platform } from "./platform.ts";
import type { Capability, Supports } from "./supports.ts";
import { type Target, Trial } from "./trial.ts";

/** A test of one guarantee of the contract. */
export interface Case {
  /** The title: the tested operation, its behaviour and the condition, then the numbers of the guarantees. */
  readonly title: string;
  /** The capabilities that a target must have for the case to apply. */
  readonly needs?: readonly Capability[];
  /** Set if the case collects garbage, which the platform has to allow. */
  readonly collectsGarbage?: true;
  /** Rejects if the target does not keep the guarantee. */
  run(trial: Trial): Promise<void>;
}

/** Why a case is skipped for a target with this manifest; `undefined` if it is not skipped. */
export function reasonToSkip({ needs = [], collectsGarbage }: Case, supports: Supports): string | undefined {
  const reason = needs.map((capability) => supports[capability]).find((support) => support !== true);
  if (typeof reason === "string") return reason;
  if (collectsGarbage && platform.gc === undefined)
    return "garbage cannot be collected on request: run Node with --expose-gc";
  return undefined;
}

/**
 * Runs one case, regardless of the target's manifest. It also settles if an operation of the target hangs.
 *
 * @throws What the case throws if the target does not keep the guarantee.
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
