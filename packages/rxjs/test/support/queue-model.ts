import type { Overflow } from "@pipe512/rxjs";

const CAPACITY = 512;

/**
 * A simple model of a source that emits into a pipe through a bounded queue: the lengths of values, and where their
 * bytes are.
 */
export class QueueModel {
  readonly #maxBytes: number;
  readonly #overflow: Overflow;
  /** The queued values in order. Of the first one, only the bytes that were not accepted at once. */
  #queue: Array<{ id: number; length: number }> = [];
  /** The number of bytes that the pipe has accepted, and the number read. */
  #accepted = 0;
  #read = 0;
  /** The number of bytes of each value that are or will be delivered, in order. */
  readonly kept: Map<number, number> = new Map();
  dropped = 0;
  failed = false;

  constructor(maxBytes: number, overflow: Overflow) {
    this.#maxBytes = maxBytes;
    this.#overflow = overflow;
  }

  get queuedBytes(): number {
    return this.#queue.reduce((sum, { length }) => sum + length, 0);
  }

  /** The number of bytes that a read can return now. The first waiting value is read directly from its array. */
  get readable(): number {
    return this.#accepted + (this.#queue[0]?.length ?? 0) - this.#read;
  }

  emit(id: number, length: number): void {
    if (this.failed) return;
    if (this.queuedBytes + length > this.#maxBytes) {
      if (this.#overflow === "error") {
        this.failed = true;
        return;
      }
      const [first] = this.#queue;
      if (
        this.#overflow === "drop-oldest" &&
        first !== undefined &&
        first.length + length <= this.#maxBytes
      ) {
        while (this.queuedBytes + length > this.#maxBytes) this.#drop(this.#queue.splice(1, 1)[0]);
      } else {
        this.dropped += length;
        return;
      }
    }
    this.kept.set(id, length);
    const atOnce = this.#queue.length > 0 ? 0 : Math.min(length, CAPACITY - (this.#accepted - this.#read));
    this.#accepted += atOnce;
    if (atOnce < length) this.#queue.push({ id, length: length - atOnce });
    this.#goOn();
  }

  read(bytes: number): void {
    this.#read += bytes;
    this.#goOn();
  }

  #drop(entry: { id: number; length: number } | undefined): void {
    this.dropped += entry?.length ?? 0;
    if (entry !== undefined) this.kept.delete(entry.id);
  }

  /** A write is complete when the rest of it fits into the ring. */
  #goOn(): void {
    for (let [first] = this.#queue; first !== undefined && this.readable <= CAPACITY; [first] = this.#queue) {
      this.#accepted += first.length;
      this.#queue.shift();
    }
  }
}
