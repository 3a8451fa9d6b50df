import type { Side } from "../errors.ts";
import { now } from "./platform.ts";
import type { PipeReport, WaitingOperation } from "./report.ts";

/** A pending call, in a pipe or in an adapter. */
export interface Waiting {
  readonly side: Side;
  /** The time at which it began, as `now()` returns it. */
  readonly since: number;
  /** Whether it waits for the other side, rather than for an earlier call of its own side. */
  hasItsTurn(): boolean;
  /** Describes the call, given that it has been pending for `waitingMs` milliseconds. */
  describe(waitingMs: number): WaitingOperation;
}

/** The record of a pipe, or of a conversion without one. */
export interface Watched {
  readonly waiting: WaitList;
  report(): PipeReport;
}

/** The waiting times of one side. */
interface SideWaits {
  /** Number of pending calls. */
  count: number;
  /** The time at which `count` last became 1. */
  since: number;
  /** The total time with pending calls, up to the last time that `count` became 0. */
  totalMs: number;
}

/** The pending calls of one pipe or conversion, in the order in which they began. */
export class WaitList implements Iterable<Waiting> {
  readonly #calls = new Set<Waiting>();
  readonly #sides: { readonly [S in Side]: SideWaits } = {
    reader: { count: 0, since: 0, totalMs: 0 },
    writer: { count: 0, since: 0, totalMs: 0 },
  };

  get size(): number {
    return this.#calls.size;
  }

  [Symbol.iterator](): Iterator<Waiting> {
    return this.#calls.values();
  }

  /** Adds a pending call. Returns a function that removes it; a second call of that function has no effect. */
  add(call: Waiting): () => void {
    const side = this.#sides[call.side];
    this.#calls.add(call);
    side.count += 1;
    if (side.count === 1) side.since = call.since;
    return () => {
      if (!this.#calls.delete(call)) return;
      side.count -= 1;
      if (side.count === 0) side.totalMs += now() - side.since;
    };
  }

  describe(at: number): WaitingOperation[] {
    return Array.from(this.#calls, (call) => call.describe(at - call.since));
  }

  /** The total time, until `at`, during which each side had at least one pending call. */
  waitedMs(at: number): { readonly reader: number; readonly writer: number } {
    const waited = ({ count, since, totalMs }: SideWaits): number =>
      count === 0 ? totalMs : totalMs + at - since;
    return { reader: waited(this.#sides.reader), writer: waited(this.#sides.writer) };
  }
}
