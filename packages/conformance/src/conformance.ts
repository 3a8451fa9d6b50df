import { backpressure } from "./behaviours/backpressure.ts";
import { badInput } from "./behaviours/bad-input.ts";
import { cancel } from "./behaviours/cancel.ts";
import { close } from "./behaviours/close.ts";
import { concurrency } from "./behaviours/concurrency.ts";
import { failure } from "./behaviours/failure.ts";
import { fairness } from "./behaviours/fairness.ts";
import { idle } from "./behaviours/idle.ts";
import { order } from "./behaviours/order.ts";
import { attempt, type Case, reasonToSkip } from "./case.ts";
import type { Framework } from "./frameworks.ts";
import type { Target } from "./trial.ts";

/** All cases of the suite, by behaviour. */
export const behaviours: Readonly<Record<string, readonly Case[]>> = {
  order,
  backpressure,
  close,
  failure,
  idle,
  cancel,
  concurrency,
  fairness,
  "bad input": badInput,
};

/**
 * Tests a target against the contract: declares one test for each case of the suite, in one group for each behaviour.
 * A case that needs a capability which the target does not support is skipped, with the target's reason.
 *
 * It only declares the tests. The framework runs them after the call.
 *
 * @example
 * ```ts
 * import { conformance, everything, vitest } from "@pipe512/conformance";
 * import { pipe } from "@pipe512/core";
 * import { describe, test } from "vitest";
 *
 * conformance({ name: "pipe()", create: () => pipe(), supports: everything }, vitest({ describe, test }));
 * ```
 */
export function conformance(target: Target, framework: Framework): void {
  framework.group(target.name, () => {
    for (const [behaviour, cases] of Object.entries(behaviours)) {
      framework.group(behaviour, () => {
        for (const one of cases) {
          const reason = reasonToSkip(one, target.supports);
          if (reason === undefined) framework.test(one.title, () => attempt(one, target));
          else framework.skip(one.title, reason);
        }
      });
    }
  });
}
