import { Duplex } from "node:stream";
import { pipe, type Reader, type Writer } from "@pipe512/core";
import { follow, unfollow } from "./attendance.ts";
import { type Callback, endsTooLate, inContext } from "./callbacks.ts";
import { isTurnOver, laterTurn } from "./fairness.ts";
import { Iteration } from "./iteration.ts";
import { checked, type DuplexOptions } from "./options.ts";
import { ReadingHalf } from "./reading-half.ts";
import { WritingHalf } from "./writing-half.ts";

export class PipeDuplex extends Duplex {
  readonly reading: ReadingHalf;
  readonly #writing: WritingHalf;
  /** What is on the other side of the writer. Set once, where this and that stream are made. */
  peer: PipeDuplex = this;
  readonly #signal: AbortSignal | undefined;
  readonly #transfer: boolean;

  constructor(reader: Reader, writer: Writer, options: DuplexOptions) {
    const { chunkSize, ...settings } = checked(options);
    super({ ...settings, allowHalfOpen: options.allowHalfOpen !== false });
    this.reading = new ReadingHalf(this, reader, chunkSize);
    this.reading.isWoken = true;
    this.#writing = new WritingHalf(this, writer, options.transfer);
    this.#signal = options.signal;
    this.#transfer = options.transfer === true;
    follow(this, options.signal);
  }

  override write(chunk: unknown, encoding?: unknown, callback?: unknown): boolean {
    if (encoding === undefined && callback === undefined) return super.write(chunk);
    return super.write(chunk, inContext(encoding), inContext(callback));
  }

  override end(chunk?: unknown, encoding?: unknown, callback?: unknown): this {
    if (endsTooLate(this, chunk, encoding, callback)) return this;
    return super.end(inContext(chunk), inContext(encoding), inContext(callback));
  }

  /** Nobody reads what would be written from now on. What there is to be read comes first. */
  loseReader(): void {
    if (this.readableEnded) this.#writing.probe();
    else this.once("end", () => this.#writing.probe());
  }

  override _read(): void {
    this.reading.read();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: Callback): void {
    if (this.peer.reading.accept(chunk, this.#transfer)) {
      if (isTurnOver(chunk.length)) laterTurn(callback);
      else callback();
      return;
    }
    this.#writing.write(chunk, callback);
    this.peer.reading.wake();
  }

  override _final(callback: Callback): void {
    this.#writing.end();
    this.peer.reading.wake();
    callback();
  }

  override _destroy(error: Error | null, callback: Callback): void {
    callback(error);
    unfollow(this, this.#signal);
    this.reading.close(error);
    this.#writing.close(error, this.peer.destroyed);
    this.peer.reading.wake();
  }

  override iterator(options?: { destroyOnReturn?: boolean }): NodeJS.AsyncIterator<any> {
    return new Iteration(this, options?.destroyOnReturn !== false);
  }

  override [Symbol.asyncIterator](): NodeJS.AsyncIterator<any> {
    return this.iterator();
  }
}

/**
 * A pipe as one `Duplex`: what is written to it is read from it. A drop-in for Node's `PassThrough`, with 512 bytes in between
 * and the one chunk in its hands, one more where its consumer has asked for it, and no more unless `highWaterMark` says so. As
 * in a pipe, a written Buffer may be reused once its callback ran, unless `transfer`.
 *
 * Ending the writing half leaves the reading half readable to the last byte. Destroying it drops the bytes in it, and
 * calls each write that waits back with that error, or with a `ClosedPipeError`.
 *
 * @throws {TypeError} If an option is of the wrong type, or asks for object mode or for an encoding that Node does not know.
 * @throws {RangeError} If `highWaterMark` is negative, or `chunkSize` less than 1, or either no integer.
 *
 * @example
 * ```ts
 * const middle = pipeDuplex();
 * await Promise.all([pipeline(source, middle), pipeline(middle, sink)]);
 * ```
 */
export function pipeDuplex(options: DuplexOptions = {}): Duplex {
  const { reader, writer } = pipe();
  return new PipeDuplex(reader, writer, options);
}
