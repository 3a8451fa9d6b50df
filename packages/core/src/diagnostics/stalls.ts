import { now, startTimer, stopTimer } from "./platform.ts";
import type { Registry } from "./registry.ts";
import type { StallReport } from "./report.ts";
import type { Waiting } from "./waiting.ts";

/** Finds operations that have waited too long. Its timer runs only while an unreported operation is pending. */
export class Stalls {
  readonly #registry: Registry;
  readonly #afterMs: number;
  readonly #tell: (report: StallReport) => void;
  readonly #reported = new WeakSet<Waiting>();
  #timer: unknown = undefined;

  constructor(registry: Registry, afterMs: number, tell: (report: StallReport) => void) {
    this.#registry = registry;
    this.#afterMs = afterMs;
    this.#tell = tell;
  }

  /** Called when an operation begins that may wait. */
  expect(): void {
    this.#timer ??= startTimer(() => this.#check(), this.#afterMs);
  }

  stop(): void {
    stopTimer(this.#timer);
    this.#timer = undefined;
  }

  #check(): void {
    this.#timer = undefined;
    const at = now();
    let nextMs = Number.POSITIVE_INFINITY;
    const stalls: StallReport[] = [];
    for (const watched of this.#registry.watched) {
      for (const call of watched.waiting) {
        if (this.#reported.has(call)) continue;
        const leftMs = call.since + this.#afterMs - at;
        if (leftMs <= 0 && call.hasItsTurn()) {
          this.#reported.add(call);
          const operation = call.describe(at - call.since);
          stalls.push({ pipe: watched.report(), operation, explanation: operation.explanation });
        } else {
          // An overdue operation that is queued behind another one may start to wait for the other side at any time, so check again.
          nextMs = Math.min(nextMs, leftMs <= 0 ? this.#afterMs : leftMs);
        }
      }
    }
    if (nextMs < Number.POSITIVE_INFINITY) this.#timer = startTimer(() => this.#check(), Math.ceil(nextMs));
    for (const stall of stalls) this.#tell(stall);
  }
}
