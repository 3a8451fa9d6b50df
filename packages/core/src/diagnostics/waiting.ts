import type { Side } from "../errors.ts";
import { now } from "./platform.ts";
import type { PipeReport, WaitingOperation } from "./report.ts";

/** A call that waits, in a pipe or in an adapter. */
export interface Waiting {
  readonly side: Side;
  /** When it began. */
  readonly since: number;
  /** Whether it waits for the other side, and not for its turn behind a call of its own side. */
  hasItsTurn(): boolean;
  /** What it waits for, after so many milliseconds. */
  describe(waitingMs: number): WaitingOperation;
}

/** What is watched: a pipe, or a conversion without one. */
export interface Watched {
  readonly waiting: WaitList;
  report(): PipeReport;
}

/** How one side has waited. */
interface SideWaits {
  /** Calls that wait now. */
  count: number;
  /** When the first of them began. */
  since: number;
  /** How long there were any, before that. */
  totalMs: number;
}

/** The calls that wait in one pipe or conversion, in the order in which they began. */
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

  /** Returns the function that ends the wait. A second call of it changes nothing. */
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

  /** How long any call of each side has waited, until `at`. */
  waitedMs(at: number): { readonly reader: number; readonly writer: number } {
    const waited = ({ count, since, totalMs }: SideWaits): number =>
      count === 0 ? totalMs : totalMs + at - since;
    return { reader: waited(this.#sides.reader), writer: waited(this.#sides.writer) };
  }
}
