import { Condition } from "../sync/condition.ts";
import type { Operation } from "./operation.ts";
import type { Readiness } from "./readiness.ts";

/** What waits beside reads and writes. Few pipes have any, so it is one field of a pipe, which is missing in most. */
export class Attendants {
  /** Where flushes wait, and hold no mutex: each until all is read that was written before it. */
  readonly drained: Condition = new Condition();
  /** Flushes that report their progress, wherever they wait. */
  readonly reporting: Set<Operation> = new Set();
  /** Calls of `ready()` that wait, of either side. */
  readonly readiness: Set<Readiness> = new Set();
}
