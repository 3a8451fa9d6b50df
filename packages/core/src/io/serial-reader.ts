import { requireBytes } from "../bytes.ts";
import { progressOf, signalOf } from "../options.ts";
import { settled } from "../pipe/budget.ts";
import { Latch } from "../pipe/latch.ts";
import { Mutex } from "../sync/mutex.ts";
import type { Progress, Reader, ReadOptions } from "../types.ts";
import { chunks } from "./chunks.ts";
import { type OwnClosing, ownClosedError } from "./closed-end.ts";
import { ForeignCount } from "./foreign-count.ts";
import { Interruption } from "./interruption.ts";
import { joined } from "./joined.ts";

/** The options of {@link SerialReader.pull}: those of the read, with a `progress` in any case. */
export interface PullOptions extends ReadOptions {
  readonly progress: Progress;
}

const NOTHING = new Uint8Array(0);

/** The base class of readers that read from other readers. It serves one read at a time, and handles close, end and `unread()`. */
export abstract class SerialReader implements Reader, AsyncIterable<Uint8Array> {
  readonly #counts = new ForeignCount("read");
  /** Held by one read at a time. */
  readonly #turns = new Mutex();
  /** Bytes that were put back. Shortened by {@link read}. */
  #rest: Uint8Array = NOTHING;
  /** The end of the stream. Set once. */
  #ending: { readonly failed: boolean; readonly reason?: unknown } | undefined;
  #closing: OwnClosing | undefined;
  /** Ends the pending read at a close, even if the underlying reader does not. */
  readonly #interruption = new Interruption();
  /** Created at the first access of `closed`. */
  #latch: Latch | undefined;
  #sourceClosed = false;

  /** Reads from the underlying reader. Called by one read at a time, while this reader is open and has not ended. */
  protected abstract pull(into: Uint8Array, options: PullOptions): Promise<number | null>;

  /** Closes the underlying reader, when this reader closes before its end. Called at most once. */
  protected abstract release(closing: OwnClosing): void;

  /** Resolves when the underlying reader can deliver no more bytes. `undefined` if that is not known. */
  protected get sourceClosed(): Promise<void> | undefined {
    return undefined;
  }

  /** Resolves as soon as no read can deliver another byte. Never rejects. */
  get closed(): Promise<void> {
    if (this.#latch === undefined) {
      this.#latch = new Latch();
      void this.sourceClosed?.then(() => {
        this.#sourceClosed = true;
        this.#openLatch();
      });
      this.#openLatch();
    }
    return this.#latch.promise;
  }

  async read(into: Uint8Array, options?: ReadOptions): Promise<number | null> {
    const { length } = requireBytes(into, "read into");
    const signal = signalOf(options);
    const progress = progressOf(options) ?? { bytes: 0 };
    if (signal?.aborted) throw signal.reason;
    const turn = this.#turns.tryLock() ?? (await this.#turns.lock(options));
    try {
      if (this.#closing !== undefined) throw ownClosedError("reader", "read", this.#closing);
      if (this.#rest.length > 0) return await settled(this.#takeRest(into, progress), 0);
      if (this.#ending?.failed) throw this.#ending.reason;
      if (this.#ending !== undefined) return null;
      if (length === 0 && !this.#sourceClosed) return 0;
      const count = await this.#interruption.wait(this.pull(into, { signal: options?.signal, progress }));
      if (count === undefined) throw ownClosedError("reader", "read", this.#closing ?? {});
      if (count === null) this.end({ failed: false });
      else progress.bytes = this.#counts.check(count, length);
      return await settled(count, count ?? 0);
    } finally {
      turn.unlock();
      this.#openLatch();
    }
  }

  /** Puts a copy of `bytes` back in front of all unread bytes. Does nothing once this reader is closed. */
  unread(bytes: Uint8Array): void {
    requireBytes(bytes, "unread");
    if (this.#closing !== undefined) return;
    this.#rest = joined(bytes, this.#rest);
  }

  /** Iterates over chunks that the consumer owns. Leaving the loop closes this reader; {@link chunks} has options. */
  [Symbol.asyncIterator](): AsyncIterableIterator<Uint8Array> {
    return chunks(this);
  }

  close(): void {
    this.#close({});
  }

  closeWithError(error: unknown): void {
    this.#close({ cause: error });
  }

  /** Calls {@link close}, for `using`. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** Ends the stream: later reads resolve with `null`, or reject with `reason` if it failed. */
  protected end(ending: { readonly failed: boolean; readonly reason?: unknown }): void {
    this.#ending ??= ending;
    this.#openLatch();
  }

  /** Bytes that were put back and not read again. */
  protected get rest(): Uint8Array {
    return this.#rest;
  }

  #close(closing: OwnClosing): void {
    if (this.#closing !== undefined) return;
    this.#closing = closing;
    if (this.#ending === undefined) this.release(closing);
    this.#rest = NOTHING;
    this.#interruption.interrupt();
    this.#latch?.open();
  }

  #takeRest(into: Uint8Array, progress: Progress): number {
    const count = Math.min(this.#rest.length, into.length);
    into.set(this.#rest.subarray(0, count));
    this.#rest = this.#rest.subarray(count);
    progress.bytes = count;
    return count;
  }

  #openLatch(): void {
    if (this.#latch === undefined || this.#rest.length > 0) return;
    if (this.#closing !== undefined || this.#ending !== undefined) this.#latch.open();
    else if (this.#sourceClosed && !this.#turns.locked) this.#latch.open();
  }
}
