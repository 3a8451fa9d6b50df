import { Duplex, type Readable } from "node:stream";
import { type Follower, follow } from "./attendance.ts";
import { type Callback, endOf, inContext } from "./callbacks.ts";
import type { Reading, Writing } from "./halves.ts";
import { Iteration } from "./iteration.ts";

/** A `Duplex` over two halves. */
export class TwoWay extends Duplex {
  #reading!: Reading;
  #writing!: Writing;
  #follower: Follower | undefined;

  /** Sets the halves. They are made after their stream, because they refer to it. */
  attach(reading: Reading, writing: Writing): void {
    this.#reading = reading;
    this.#writing = writing;
  }

  /** Closes the halves that are not used, and follows `signal`; both may end the stream at once. */
  open(signal: AbortSignal | undefined): this {
    if (!this.readable) this.#reading.stopReading(null);
    if (!this.writable) this.#writing.end(() => {});
    this.#follower = follow(this, signal);
    return this;
  }

  override read(size?: number): any {
    const chunk: unknown = super.read(size);
    if (chunk !== null && awaitsReadable(this)) this.#reading.ask();
    return chunk;
  }

  override write(chunk: unknown, encoding?: unknown, callback?: unknown): boolean {
    if (encoding === undefined && callback === undefined) return super.write(chunk);
    return super.write(chunk, inContext(encoding), inContext(callback));
  }

  override end(chunk?: unknown, encoding?: unknown, callback?: unknown): this {
    endOf(this, [chunk, encoding, callback], (...args) => super.end(...(args as [])));
    return this;
  }

  override _read(): void {
    this.#reading.ask();
  }

  override _write(chunk: Buffer | string, encoding: BufferEncoding, callback: Callback): void {
    this.#writing.write(typeof chunk === "string" ? Buffer.from(chunk, encoding) : chunk, callback);
  }

  override _final(callback: Callback): void {
    this.#writing.end(callback);
  }

  override _destroy(error: Error | null, callback: Callback): void {
    callback(error);
    this.#follower?.stop();
    this.#reading.stopReading(error);
    this.#writing.stopWriting(error);
  }

  override iterator(options?: { destroyOnReturn?: boolean }): NodeJS.AsyncIterator<any> {
    return new Iteration(this, options?.destroyOnReturn !== false, true);
  }

  override [Symbol.asyncIterator](): NodeJS.AsyncIterator<any> {
    return this.iterator();
  }
}

/** A `TwoWay` that may be used as a socket. */
export class Connection extends TwoWay {
  static {
    // `node:http` copies the mark of a socket to its requests. With a mark of 0 they would not emit `readable` for
    // every chunk, since they use Node's `read()`.
    Object.defineProperty(this.prototype, "readableHighWaterMark", {
      get(this: Connection): number {
        return Math.max(1, Reflect.get(TwoWay.prototype, "readableHighWaterMark", this));
      },
    });
  }
}

/**
 * Whether a consumer that calls `read()` once per `readable` event has emptied the buffer. With a mark of 0 Node pulls
 * the next chunk only in another `read()`, so it would never emit `readable` again (NODE-001).
 */
export function awaitsReadable(stream: Readable): boolean {
  return stream.readableLength === 0 && stream.listenerCount("readable") > 0;
}
