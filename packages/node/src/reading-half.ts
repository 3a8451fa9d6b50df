import type { Readable } from "node:stream";
import type { Reader } from "@pipe512/core";
import { Chunks, copied } from "./chunks.ts";
import { carriable } from "./errors.ts";
import { isTurnOver, laterTurn } from "./fairness.ts";

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

  readonly #onChunk = (chunk: Uint8Array | null): void => {
    this.#reading = false;
    this.#deliver(chunk);
  };
  /** It has not failed. What the stream has asked for since is read now. */
  readonly #onProbed = (): void => {
    this.#reading = false;
    this.#read();
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

  /** Takes a chunk that was written to the other end, if this one waits for it. Then the pipe is empty. */
  accept(chunk: Buffer, isOwned: boolean): boolean {
    if (!this.#asked || this.#stale || chunk.length > this.#chunkSize || chunk.length === 0) return false;
    this.#push(isOwned ? chunk : copied(chunk));
    return true;
  }

  /** Something may have come of a write, a close or an error. */
  wake(): void {
    this.#stale = true;
    if (this.#asked) this.#read();
  }

  /** The stream is destroyed. */
  close(error: Error | null): void {
    this.#asked = false;
    if (error === null) this.#reader.close();
    else this.#reader.closeWithError(error);
  }

  /** Destroys the stream if the reader has failed, and nothing is left to be read before its error. */
  probe(): void {
    const { destroyed, readableEnded, readableLength } = this.#stream;
    // The read that waits will be told.
    if (this.#reading || destroyed || readableEnded || readableLength > 0) return;
    this.#reading = true;
    this.#reader.read(NOTHING).then(this.#onProbed, this.#onError);
  }

  #read(): void {
    if (this.#reading || !this.#asked) return;
    let chunk: Uint8Array | null | undefined;
    try {
      chunk = this.#chunks.tryNext();
    } catch (error) {
      this.#fail(error);
      return;
    }
    if (chunk !== undefined) this.#deliver(chunk);
    else if (!this.isWoken) this.#wait();
    else this.#stale = false;
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
    if (chunk === null) this.#stream.push(null);
    else this.#push(chunk);
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
