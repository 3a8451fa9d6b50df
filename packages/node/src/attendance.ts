import type { Readable, Writable } from "node:stream";
import { type Abortable, type AbortListener, abortable, listen, unlisten } from "@pipe512/core/adapter";
import { carriable } from "./errors.ts";

type Stream = Readable | Writable;

/** A half of a stream, which destroys the stream with what its operations are rejected with, if they are. */
interface Probed {
  probe(): void;
}

/**
 * Probes `half` once `closed` resolves. What lives as long as the pipe must not hold the half, since it holds its stream,
 * whose loss could never be found then.
 */
export function attend(half: Probed, closed: Promise<void> | undefined): void {
  const weak = new WeakRef(half);
  void closed?.then(() => weak.deref()?.probe());
}

/** Destroys a stream when a signal aborts. A signal may live long, so it does not hold the stream (NODE-018). */
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

  /** Leaves nothing of the stream with the signal. */
  stop(): void {
    unlisten(this.#signal, this);
    lost.unregister(this);
  }
}

const lost = new FinalizationRegistry<Follower>((follower) => follower.stop());

/** Destroys `stream` with the signal's reason when it aborts, or now where it has. */
export function follow(stream: Stream, signal: AbortSignal | undefined): Follower | undefined {
  if (signal === undefined) return undefined;
  if (!signal.aborted) return new Follower(stream, signal);
  stream.destroy(carriable(signal.reason));
  return undefined;
}
