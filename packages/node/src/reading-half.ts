import type { Readable } from "node:stream";
import type { Reader } from "@pipe512/core";
import { Chunks } from "./chunks.ts";
import { carriable } from "./errors.ts";
import { isTurnOver, laterTurn } from "./fairness.ts";

/** Takes a chunk past the buffer of a stream. */
export type Taker = (chunk: Buffer) => void;

const NOTHING = new Uint8Array(0);

/** What a stream that is read does with its reader: at most one read at a time, and none that nobody asked for. */
export class ReadingHalf {
  readonly #stream: Readable;
  readonly #reader: Reader;
  readonly #chunks: Chunks;
  readonly #chunkSize: number;
  /** Bytes of the last chunk, which count when the next one is asked for. */
  #lastBytes = 0;
  /** Whether the stream has asked and has not been served. */
  #asked = false;
  /** Whether a read waits for its promise. */
  #reading = false;
  /**
   * Whether all that is written into this pipe goes through {@link accept} or is told by {@link wake}: then nobody need wait
   * for a promise. Set once, by the streams that have both ends.
   */
  isWoken = false;
  /** Whether there may be something in the pipe. Kept where {@link isWoken}. */
  #stale = false;

  /** Takes the next chunk past the stream. Set by {@link wait}, cleared when it is called and by {@link leave}. */
  #taker: Taker | undefined;

  readonly #onChunk = (chunk: Uint8Array | null): void => {
    this.#reading = false;
    const taker = this.#taker;
    this.#taker = undefined;
    if (taker === undefined || chunk === null || chunk.length === 0) this.#deliver(chunk);
    else taker(this.#owned(chunk));
    if (this.#asked) this.#read();
  };
  readonly #onError = (error: unknown): void => this.#fail(error);

  constructor(stream: Readable, reader: Reader, chunkSize: number) {
    this.#stream = stream;
    this.#reader = reader;
    this.#chunks = new Chunks(reader, chunkSize);
    this.#chunkSize = chunkSize;
  }

  /** The stream asks for a chunk: it is pushed now, or when there is one. */
  read(): void {
    this.#asked = true;
    if (this.isWoken && !this.#stale) return;
    if (isTurnOver(this.#lastBytes)) laterTurn(() => this.#read());
    else this.#read();
  }

  /** Whether chunks may be taken past the stream: it holds none, has asked for none and need not decode them. */
  get isFree(): boolean {
    const { readableLength, readableEncoding } = this.#stream;
    return !this.#asked && !this.#reading && readableLength === 0 && readableEncoding === null;
  }

  /** The next chunk past the stream, without waiting: `null` where there is none now. Only where {@link isFree}. */
  take(): Buffer | null {
    const chunk = isTurnOver(this.#lastBytes) ? undefined : this.#tryNext();
    if (chunk) return this.#owned(chunk);
    if (chunk === null) this.#deliver(null);
    return null;
  }

  /** Gives the next chunk to `taker`, past the stream. Only where {@link isFree}. */
  wait(taker: Taker): void {
    this.#taker = taker;
    this.#wait();
  }

  /** What waits is for the stream from now on. */
  leave(): void {
    this.#taker = undefined;
  }

  /** Takes a chunk that was written to the other end, if this one waits for it. Then the pipe is empty. */
  accept(chunk: Buffer, isOwned: boolean): boolean {
    if (!this.#asked || this.#stale || chunk.length > this.#chunkSize || chunk.length === 0) return false;
    this.#push(isOwned ? chunk : Buffer.from(chunk));
    return true;
  }

  /** Something may have come of a write, a close or an error. */
  wake(): void {
    this.#stale = true;
    if (this.#asked) this.#read();
  }

  /** The stream is destroyed. */
  close(error: Error | null): void {
    if (error === null) this.#reader.close();
    else this.#reader.closeWithError(error);
  }

  /** Destroys the stream if the reader has failed, and nothing is left to be read before its error. */
  probe(): void {
    if (this.#stream.destroyed || this.#stream.readableEnded || this.#stream.readableLength > 0) return;
    this.#reader.read(NOTHING).catch(this.#onError);
  }

  #read(): void {
    if (this.#reading || !this.#asked) return;
    const chunk = this.#tryNext();
    if (chunk !== undefined) this.#deliver(chunk);
    else if (this.#stream.destroyed) return;
    else if (!this.isWoken) this.#wait();
    else this.#stale = false;
  }

  /** As of the chunks; where the reader has failed, the stream is destroyed. */
  #tryNext(): Uint8Array | null | undefined {
    try {
      return this.#chunks.tryNext();
    } catch (error) {
      this.#fail(error);
      return undefined;
    }
  }

  #owned(chunk: Uint8Array): Buffer {
    this.#lastBytes = chunk.length;
    return Buffer.from(chunk.buffer as ArrayBuffer, chunk.byteOffset, chunk.length);
  }

  #wait(): void {
    this.#reading = true;
    this.#chunks.next().then(this.#onChunk, this.#onError);
  }

  #deliver(chunk: Uint8Array | null): void {
    // A pipe rejects the read that a destroy interrupts; another reader may still deliver.
    if (this.#stream.destroyed) return;
    if (chunk?.length === 0) {
      this.read(); // Pushing nothing would end the asking.
      return;
    }
    this.#lastBytes = chunk?.length ?? 0;
    if (chunk !== null) {
      this.#push(chunk);
      return;
    }
    this.#stream.push(null);
    if (this.#stream.readableFlowing === null) this.#stream.read(0); // Nobody else would hear of the end.
  }

  #push(chunk: Uint8Array): void {
    this.#asked = false;
    const stream = this.#stream;
    if (!stream.push(chunk) || !this.isWoken) return;
    this.#asked ||= stream.readableFlowing === true || stream.readableLength < stream.readableHighWaterMark;
  }

  #fail(error: unknown): void {
    this.#stream.destroy(carriable(error));
  }
}
