import { type Abortable, type AbortListener, abortable, listen, unlisten } from "@pipe512/core/adapter";

/** A stream's source or sink, which an abort ends. */
interface Target {
  cutOff(reason: unknown): void;
}

/** Removes the listener of a collected stream from its signal, which may live longer. */
const collected = new FinalizationRegistry<Abort>((abort) => abort.stop());

/**
 * Ends a stream when a signal aborts. The reference to the stream is weak, so that a lost stream is still detected
 * (PIPE-029).
 */
export class Abort implements AbortListener {
  readonly signal: Abortable;
  #target: WeakRef<Target> | undefined;

  /** @throws {TypeError} If `signal` is not an `AbortSignal`. */
  constructor(signal: AbortSignal) {
    this.signal = abortable(signal);
  }

  /** Calls `target.cutOff()` when the signal aborts, or at once if it has aborted. */
  start(target: Target): void {
    if (this.signal.aborted) {
      target.cutOff(this.signal.reason);
      return;
    }
    this.#target = new WeakRef(target);
    collected.register(target, this, this);
    listen(this.signal, this);
  }

  stop(): void {
    unlisten(this.signal, this);
    collected.unregister(this);
    this.#target = undefined;
  }

  handleEvent(): void {
    const target = this.#target?.deref();
    this.stop();
    target?.cutOff(this.signal.reason);
  }
}
