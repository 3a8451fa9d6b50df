import { sequence } from "./bytes.ts";

/** What went into one end and what came out of the other, and what was promised on the way. */
export class Ledger {
  /** Bytes that were written, one after the other. Each carries its position. */
  written = 0;
  /** Bytes that came out and were not put back. */
  received = 0;
  /** Whether bytes may be missing at the end, since something was destroyed, closed or aborted. */
  isBroken = false;
  /** Whether nothing is written any more. */
  isEnded = false;
  readonly #calls: Array<{ readonly name: string; count: number }> = [];
  readonly #open: Set<string> = new Set();
  #lastPromise = 0;

  /** The next bytes to write. */
  next(length: number): Buffer<ArrayBuffer> {
    const bytes = sequence(length, this.written);
    this.written += length;
    return bytes;
  }

  /** The first that was wrong, for {@link check}: what finds it may be called by a stream, or by nobody. */
  failure: unknown;

  /** Checks bytes that came out against their positions. */
  take(bytes: Uint8Array): void {
    const from = this.received;
    this.received += bytes.length;
    if (this.received > this.written) this.failure ??= new Error("More came out than went in");
    if (!Buffer.from(bytes).equals(sequence(bytes.length, from))) {
      this.failure ??= new Error(`Expected bytes ${from} to ${this.received}, and other bytes came`);
    }
  }

  /** Takes back the last bytes that came out. */
  putBack(length: number): Buffer {
    const bytes = sequence(length, this.received - length);
    this.received -= length;
    return bytes;
  }

  /** A callback that is to be called once. */
  callback(name: string): () => void {
    const call = { name, count: 0 };
    this.#calls.push(call);
    return () => {
      call.count += 1;
      if (call.count > 1) this.failure ??= new Error(`The callback of ${name} was called twice`);
    };
  }

  /** Follows a promise, which has to settle. Its rejection counts as handled. */
  promise(name: string, promise: Promise<unknown>): void {
    this.#lastPromise += 1;
    const key = `${name} (${this.#lastPromise})`;
    this.#open.add(key);
    const settled = (): void => void this.#open.delete(key);
    promise.then(settled, settled);
  }

  /** Checks that everything is done. */
  check(): void {
    if (this.failure !== undefined) throw this.failure;
    const missed = this.#calls.filter(({ count }) => count === 0).map(({ name }) => name);
    if (missed.length > 0) throw new Error(`Never called back: ${missed.join(", ")}`);
    if (this.#open.size > 0) throw new Error(`Never settled: ${[...this.#open].join(", ")}`);
    if (!this.isBroken && this.received !== this.written) {
      throw new Error(`${this.received} of ${this.written} bytes came out`);
    }
  }
}
