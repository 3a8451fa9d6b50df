import type { Readable, Writable } from "node:stream";
import { carriable } from "./errors.ts";

/**
 * Calls `onClosed` with the stream once `closed` resolves. What lives as long as the pipe must not hold the stream, or
 * an end that is lost with it would never be found.
 */
export function attend<Stream extends Readable | Writable>(
  stream: Stream,
  closed: Promise<void> | undefined,
  onClosed: (stream: Stream) => void,
): void {
  const weak = new WeakRef(stream);
  void closed?.then(() => {
    const present = weak.deref();
    if (present !== undefined) onClosed(present);
  });
}

/** The streams that go with one signal. They share a listener, since some versions of Node warn of the eleventh. */
class Followers {
  readonly #signal: AbortSignal;
  readonly #streams: Set<Readable | Writable> = new Set();

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  add(stream: Readable | Writable): void {
    if (this.#streams.size === 0) this.#signal.addEventListener("abort", this);
    this.#streams.add(stream);
  }

  delete(stream: Readable | Writable): void {
    if (this.#streams.delete(stream) && this.#streams.size === 0) {
      this.#signal.removeEventListener("abort", this);
    }
  }

  handleEvent(): void {
    for (const stream of this.#streams) stream.destroy(carriable(this.#signal.reason));
  }
}

const followers = new WeakMap<AbortSignal, Followers>();

/** Destroys `stream` with the signal's reason when it aborts, or now where it has. */
export function follow(stream: Readable | Writable, signal: AbortSignal | undefined): void {
  if (signal?.aborted) stream.destroy(carriable(signal.reason));
  else if (signal !== undefined) {
    const others = followers.get(signal) ?? new Followers(signal);
    followers.set(signal, others);
    others.add(stream);
  }
}

/** Nothing of the stream stays with the signal. */
export function unfollow(stream: Readable | Writable, signal: AbortSignal | undefined): void {
  if (signal !== undefined) followers.get(signal)?.delete(stream);
}
