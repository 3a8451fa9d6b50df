import type { Readable, Writable } from "node:stream";
import { type Abortable, type AbortListener, abortable, listen, unlisten } from "@pipe512/core/adapter";
import { carriable } from "./errors.ts";

type Stream = Readable | Writable;

/** One half of a stream. `probe()` destroys the stream if operations on the half reject. */
interface Probed {
  probe(): void;
}

/**
 * Probes `half` once `closed` resolves. The reference is weak: the pipe holds `closed`, and a strong one would hide the
 * loss of the stream.
 */
export function attend(half: Probed, closed: Promise<void> | undefined): void {
  const weak = new WeakRef(half);
  void closed?.then(() => weak.deref()?.probe());
}

/**
 * Destroys a stream when a signal aborts. The reference is weak, because a signal may outlive the stream (NODE-018).
 */
export class Follower implements AbortListener {
  readonly #stream: WeakRef<Stream>;
  readonly #signal: Abortable;

  constructor(stream: Stream, signal: AbortSignal) {
    this.#stream = new WeakRef(stream);
    this.#signal = abortable(signal);
    listen(this.#signal, this);
    lost.register(stream, this, this);
  }

  handleEvent(): void {
    this.#stream.deref()?.destroy(carriable(this.#signal.reason));
  }

  /** Removes the listener from the signal. */
  stop(): void {
    unlisten(this.#signal, this);
    lost.unregister(this);
  }
}

const lost = new FinalizationRegistry<Follower>((follower) => follower.stop());

/** Destroys `stream` with the signal's reason when it aborts, or at once if it has aborted. */
export function follow(stream: Stream, signal: AbortSignal | undefined): Follower | undefined {
  if (signal === undefined) return undefined;
  if (!signal.aborted) return new Follower(stream, signal);
  stream.destroy(carriable(signal.reason));
  return undefined;
}
