import { Condition } from "../sync/condition.ts";
import type { Operation } from "./operation.ts";
import type { Readiness } from "./readiness.ts";

/** Pending calls other than reads and writes. Few pipes have any, so a pipe creates this object only when needed. */
export class Attendants {
  /** A flush waits here, without a mutex, until all bytes written before it are read. */
  readonly drained: Condition = new Condition();
  /** Pending flushes that have a `progress`, whether they wait for the mutex or in `drained`. */
  readonly reporting: Set<Operation> = new Set();
  /** Pending calls of `ready()`, of both sides. */
  readonly readiness: Set<Readiness> = new Set();
}
