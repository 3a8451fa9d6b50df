import { type Abortable, type AbortListener, listen, unlisten } from "../signal.ts";
import { rejected, settled } from "./budget.ts";
import { post } from "./observer.ts";
import type { Pipe } from "./pipe.ts";

/** A pending call of `ready()`. Its reference to the end keeps that end from being collected during the call. */
export class Readiness implements AbortListener {
  readonly side: "reader" | "writer";
  readonly #pipe: Pipe;
  readonly #end: object;
  readonly #signal: Abortable | undefined;
  readonly #endWait: (() => void) | undefined;
  readonly promise: Promise<void>;
  #resolve!: (value: Promise<void>) => void;

  constructor(pipe: Pipe, side: "reader" | "writer", end: object, signal: Abortable | undefined) {
    this.#pipe = pipe;
    this.side = side;
    this.#end = end;
    this.#signal = signal;
    this.promise = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    if (signal !== undefined) listen(signal, this);
    const waitsFor = side === "reader" ? "for a byte or the end" : "for room";
    this.#endWait = post.observer?.waits(this.#end, { side, operation: "ready", waitsFor });
  }

  /** Resolves the call, because a read or write would not wait now. */
  settle(): void {
    this.#leave(settled(undefined, 0));
  }

  handleEvent(): void {
    this.#leave(rejected(this.#signal?.reason));
  }

  #leave(outcome: Promise<void>): void {
    if (this.#signal !== undefined) unlisten(this.#signal, this);
    this.#pipe.forgetReadiness(this);
    this.#endWait?.();
    this.#resolve(outcome);
  }
}
