import { sequence } from "./bytes.ts";

/** Records the bytes written to one end and read from the other, and the promises and callbacks in between. */
export class Ledger {
  /** The number of bytes written. Each byte encodes its position. */
  written = 0;
  /** The number of bytes read and not put back. */
  received = 0;
  /** Whether bytes may be missing at the end, because of a destroy, a close or an abort. */
  isBroken = false;
  /** Whether writing is over. */
  isEnded = false;
  readonly #calls: Array<{ readonly name: string; count: number }> = [];
  readonly #open: Set<string> = new Set();
  #lastPromise = 0;

  /** Returns the next bytes to write. */
  next(length: number): Buffer<ArrayBuffer> {
    const bytes = sequence(length, this.written);
    this.written += length;
    return bytes;
  }

  /** The first failure, kept for {@link check}, because an error thrown in a stream's callback could be lost. */
  failure: unknown;

  /** Checks received bytes against their positions. */
  take(bytes: Uint8Array): void {
    const from = this.received;
    this.received += bytes.length;
    if (this.received > this.written)
      this.failure ??= new Error("Expected no more bytes than were written, and more came");
    if (!Buffer.from(bytes).equals(sequence(bytes.length, from))) {
      this.failure ??= new Error(`Expected bytes ${from} to ${this.received}, and other bytes came`);
    }
  }

  /** Puts back the last bytes received. */
  putBack(length: number): Buffer {
    const bytes = sequence(length, this.received - length);
    this.received -= length;
    return bytes;
  }

  /** Makes a callback that must be called exactly once. */
  callback(name: string): () => void {
    const call = { name, count: 0 };
    this.#calls.push(call);
    return () => {
      call.count += 1;
      if (call.count > 1) this.failure ??= new Error(`The callback of ${name} was called twice`);
    };
  }

  /** Follows a promise, which must settle. Its rejection counts as handled. */
  promise(name: string, promise: Promise<unknown>): void {
    this.#lastPromise += 1;
    const key = `${name} (${this.#lastPromise})`;
    this.#open.add(key);
    const settled = (): void => void this.#open.delete(key);
    promise.then(settled, settled);
  }

  /** Checks that every callback was called, every promise settled and every byte received. */
  check(): void {
    if (this.failure !== undefined) throw this.failure;
    const missed = this.#calls.filter(({ count }) => count === 0).map(({ name }) => name);
    if (missed.length > 0) throw new Error(`Never called back: ${missed.join(", ")}`);
    if (this.#open.size > 0) throw new Error(`Never settled: ${[...this.#open].join(", ")}`);
    if (!this.isBroken && this.received !== this.written) {
      throw new Error(`${this.received} of ${this.written} bytes were received`);
    }
  }
}
