import type { Readable, Writable } from "node:stream";
import { PIPE_CAPACITY, type PipeReader, type PipeWriter, pipe } from "@pipe512/core";
import { isWatched, waits } from "@pipe512/core/adapter";
import { type Callback, tell } from "./callbacks.ts";
import { copied, memory } from "./chunks.ts";
import { closedPipe, destroyed, prematureClose } from "./errors.ts";
import { isTurnOver, laterTurn } from "./fairness.ts";
import type { Reading, Writing } from "./halves.ts";

export interface Terms {
  /** The maximum number of bytes of one chunk. */
  readonly chunkSize: number;
  /** The number of bytes that the read stream buffers after its first pull. */
  readonly readAhead: number;
  /** Whether ownership of written arrays is transferred. */
  readonly transfer: boolean;
  /** Whether destroying one end without an error is a clean end for the other (NODE-003). */
  readonly endsCleanly: boolean;
}

/** A buffer for reads whose bytes are not needed, which only update the pipe's counts. */
const scratch = new Uint8Array(PIPE_CAPACITY);

/**
 * One direction from a written stream to a read stream, which may be the same stream: a pipe, and the current chunk.
 *
 * The passage owns both ends, so no operation is ever pending in the pipe. A write that does not fit waits in the
 * passage, which only the two streams hold. A pending operation in the pipe would keep both streams alive (NODE-018).
 */
export class Passage implements Reading, Writing {
  readonly #reader: PipeReader;
  readonly #writer: PipeWriter;
  readonly #terms: Terms;
  /** The written stream, and the read stream. */
  readonly #origin: Writable;
  readonly #target: Readable;

  /** Whether the target has ever pulled, and whether a pull of it is pending. */
  #began = false;
  #asked = false;
  /** The number of bytes in the pipe. */
  #held = 0;
  /** The rest of the current chunk, whose write has `#callback` and `#length`. */
  #rest: Uint8Array | undefined;
  #callback: Callback | undefined;
  #length = 0;
  /** How the origin has ended, and how the target was closed. Each is set once. */
  #end: { readonly error: Error | undefined } | undefined;
  #closed: { readonly error: Error | null } | undefined;
  /** Whether the end was delivered to the target. */
  #isEndTold = false;
  /** Report to diagnostics that the read, or the write, has stopped waiting. */
  #endRead: (() => void) | undefined;
  #endWrite: (() => void) | undefined;

  readonly #deliverAsked = (): void => {
    if (this.#asked) this.#deliver();
  };

  constructor(origin: Writable, target: Readable, terms: Terms) {
    const { reader, writer } = pipe();
    this.#origin = origin;
    this.#target = target;
    this.#reader = reader;
    this.#writer = writer;
    this.#terms = terms;
  }

  // ===== The read stream =====

  ask(): void {
    this.#began = true;
    this.#asked = true;
    const bytes = this.#held + (this.#rest?.length ?? 0);
    if (bytes > 0 && isTurnOver(bytes)) laterTurn(this.#deliverAsked);
    else this.#deliver();
  }

  stopReading(error: Error | null): void {
    if (this.#closed !== undefined) return;
    this.#closed = { error };
    this.#asked = false;
    this.#endRead?.();
    if (error === null) this.#reader.close();
    else this.#reader.closeWithError(error);
    const accepted = this.#length - (this.#rest?.length ?? 0);
    this.#held = 0;
    this.#refuseWrite(error ?? refusal(this.#length, accepted));
    if (error !== null) process.nextTick(() => this.#failOrigin(error));
  }

  /** Destroys the origin, even while it is idle. It gets the bytes it can still read first. */
  #failOrigin(error: Error): void {
    const origin = this.#origin;
    if (origin.destroyed || (origin as Writable & Readable).readableEnded) origin.destroy(error);
    else origin.once("end", () => origin.destroy(error));
  }

  // ===== The written stream =====

  write(chunk: Uint8Array, callback: Callback): void {
    const { length } = chunk;
    if (this.#closed !== undefined) {
      callback(this.#closed.error ?? refusal(length, 0));
      return;
    }
    if (length > 0 && length <= this.#terms.chunkSize && this.#held === 0 && this.#wants()) {
      this.#count(chunk);
      this.#push(this.#terms.transfer ? chunk : copied(chunk));
      accept(callback, length);
      return;
    }
    // A transferred array that must wait anyway is kept whole, so that the consumer may get the same memory.
    const accepted = this.#terms.transfer && length > PIPE_CAPACITY ? 0 : this.#put(chunk);
    if (accepted === length) {
      accept(callback, length);
    } else {
      this.#rest = accepted === 0 ? chunk : chunk.subarray(accepted);
      this.#callback = callback;
      this.#length = length;
      const waitsFor = `for room for ${length - accepted} bytes`;
      this.#endWrite = waits(this.#writer, { side: "writer", operation: "write", waitsFor });
    }
    if (this.#wants()) this.#deliver();
  }

  end(callback: Callback): void {
    this.#begin();
    this.#finish(undefined);
    this.#tellEnd();
    callback();
  }

  stopWriting(error: Error | null): void {
    if (this.#end !== undefined) return;
    const rest = this.#rest;
    this.#refuseWrite(error ?? destroyed("write"));
    if (error === null && this.#terms.endsCleanly) {
      // The caller may reuse its array from now on.
      this.#rest = rest && Buffer.from(rest);
      this.#finish(undefined);
    } else this.#finish(error ?? prematureClose());
  }

  #refuseWrite(error: Error): void {
    const callback = this.#callback;
    this.#callback = undefined;
    this.#rest = undefined;
    this.#endWrite?.();
    // A destroyed stream emits `close` first: `finished()` would report an earlier callback error as the stream's own.
    if (callback !== undefined) process.nextTick(() => tell(this.#origin, callback, error));
  }

  #finish(error: Error | undefined): void {
    this.#end = { error };
    if (error !== undefined) this.#writer.closeWithError(error);
    else if (this.#rest === undefined) this.#writer.close();
    // Not synchronously: the origin may have been destroyed from within an operation of the target.
    process.nextTick(() => this.#tellEnd());
  }

  // ===== Between them =====

  /**
   * Whether the target accepts a chunk now: it has a pending pull, or it flows, or it has pulled before and buffers
   * less than its mark.
   */
  #wants(): boolean {
    const target = this.#target;
    if (this.#asked || target.destroyed) return this.#asked;
    this.#begin();
    const { readableLength } = target;
    return (
      (target.readableFlowing === true && readableLength === 0) ||
      (this.#began && readableLength < this.#terms.readAhead)
    );
  }

  /** Makes a flowing target pull for the first time. Only after that does Node emit `data` and `end` within a push. */
  #begin(): void {
    const target = this.#target;
    if (!this.#began && target.readableFlowing === true && target.readableLength === 0) target.read(0);
  }

  #put(chunk: Uint8Array): number {
    const accepted = this.#writer.tryWrite(chunk);
    this.#held += accepted;
    return accepted;
  }

  #deliver(): void {
    if (this.#target.destroyed || this.#closed !== undefined) return;
    const chunk = this.#take();
    if (chunk === undefined) {
      if (this.#end === undefined) this.#awaitWrite();
      else this.#tellEnd();
      return;
    }
    this.#push(chunk);
    this.#refill();
    this.#tellEnd();
  }

  /** Takes a chunk from the bytes in the pipe and the rest of the current chunk. */
  #take(): Uint8Array | undefined {
    const rest = this.#rest;
    if (rest !== undefined && this.#held === 0 && this.#terms.transfer && rest.length === this.#length) {
      this.#count(rest);
      this.#rest = rest.subarray(rest.length);
      return rest;
    }
    const count = Math.min(this.#terms.chunkSize, this.#held + (rest?.length ?? 0));
    if (count === 0) return undefined;
    const chunk = memory(count);
    const held = Math.min(this.#held, count);
    if (held > 0) this.#reader.tryRead(chunk.subarray(0, held));
    this.#held -= held;
    if (rest !== undefined && count > held) {
      const moved = rest.subarray(0, count - held);
      chunk.set(moved, held);
      this.#count(moved);
      this.#rest = rest.subarray(count - held);
    }
    return chunk;
  }

  /** Calls the pending write back if its rest fits into the pipe. */
  #refill(): void {
    const rest = this.#rest;
    if (rest === undefined || rest.length > PIPE_CAPACITY - this.#held) return;
    this.#put(rest);
    this.#rest = undefined;
    this.#endWrite?.();
    const callback = this.#callback;
    this.#callback = undefined;
    if (this.#end !== undefined) this.#writer.close();
    if (callback === undefined) return;
    // After the ticks in which Node calls back earlier writes.
    if (isTurnOver(this.#length)) laterTurn(callback);
    else process.nextTick(callback);
  }

  #push(chunk: Uint8Array): void {
    this.#asked = false;
    if (this.#endRead !== undefined) {
      this.#endRead();
      this.#endRead = undefined;
    }
    const target = this.#target;
    // A flowing stream pulls again in the next tick. Chunks written before that need not wait for it.
    if (target.push(chunk) && this.#closed === undefined) this.#asked ||= target.readableFlowing === true;
  }

  /** Delivers the end to the target, once it has read everything before it. */
  #tellEnd(): void {
    const target = this.#target;
    if (this.#end === undefined || this.#held > 0 || this.#rest !== undefined || this.#isEndTold) return;
    const { error } = this.#end;
    // An error would discard the bytes the stream has buffered. So it waits until they are read and the stream pulls.
    if (error !== undefined && !this.#asked && target.readableLength > 0) return;
    this.#isEndTold = true;
    this.#endRead?.();
    if (error !== undefined) target.destroy(error);
    else if (!target.destroyed) target.push(null);
  }

  #awaitWrite(): void {
    this.#endRead ??= waits(this.#reader, { side: "reader", operation: "read", waitsFor: "for a byte" });
  }

  /** While diagnostics watch, makes the pipe count bytes that bypass it. The pipe is empty then. */
  #count(chunk: Uint8Array): void {
    if (!isWatched()) return;
    for (let at = 0; at < chunk.length; at += PIPE_CAPACITY) {
      this.#writer.tryWrite(chunk.subarray(at, at + PIPE_CAPACITY));
      this.#reader.tryRead(scratch);
    }
  }
}

function refusal(length: number, accepted: number): Error {
  return closedPipe("reader", "the reader closed", length, accepted);
}

/** Calls back an accepted write: at once, or in a later iteration of the event loop if the budget is used up. */
function accept(callback: Callback, bytes: number): void {
  if (isTurnOver(bytes)) laterTurn(callback);
  else callback();
}
