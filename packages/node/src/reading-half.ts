import type { Readable } from "node:stream";
import type { Reader } from "@pipe512/core";
import { waits } from "@pipe512/core/adapter";
import { Chunks } from "./chunks.ts";
import { carriable } from "./errors.ts";
import { isTurnOver, laterTurn } from "./fairness.ts";
import type { Reading } from "./halves.ts";

const NOTHING = new Uint8Array(0);

/** The reading half of a stream over any `Reader`. It reads only when the stream pulls, and at most one read is pending. */
export class ReadingHalf implements Reading {
  readonly #stream: Readable;
  readonly #reader: Reader;
  readonly #chunks: Chunks;
  /** Whether this reader does not report its own waits to diagnostics. */
  readonly #isForeign: boolean;
  /** Bytes of the last chunk. The budget is charged for them when the next one is pulled. */
  #lastBytes = 0;
  /** Whether a pull of the stream is pending. */
  #asked = false;
  /** Whether a read is pending. */
  #reading = false;
  /** Whether the end was delivered to the stream. */
  #ended = false;
  #endWait: (() => void) | undefined;
  /** Called once no bytes are available. */
  #onDrained: (() => void) | undefined;

  readonly #read = (): void => {
    if (this.#reading || !this.#asked) return;
    let chunk: Uint8Array | null | undefined;
    try {
      chunk = this.#chunks.tryNext();
    } catch (error) {
      this.#fail(error);
      return;
    }
    if (chunk === undefined) this.#wait();
    else this.#deliver(chunk);
  };
  readonly #onChunk = (chunk: Uint8Array | null): void => {
    this.#settled();
    this.#deliver(chunk);
  };
  /** The reader has not failed. Delivers its end, or serves a pull that came in the meantime. */
  readonly #onProbed = (count: number | null): void => {
    this.#settled();
    if (count === null) this.#deliver(null);
    else this.#read();
  };
  readonly #onError = (error: unknown): void => {
    this.#settled();
    this.#fail(error);
  };

  constructor(stream: Readable, reader: Reader, chunkSize: number) {
    this.#stream = stream;
    this.#reader = reader;
    this.#chunks = new Chunks(reader, chunkSize);
    this.#isForeign = !("bytesRead" in reader);
  }

  ask(): void {
    this.#asked = true;
    if (isTurnOver(this.#lastBytes)) laterTurn(this.#read);
    else this.#read();
  }

  stopReading(error: Error | null): void {
    this.#asked = false;
    if (error === null) this.#reader.close();
    else this.#reader.closeWithError(error);
  }

  /** Destroys the stream if the reader has failed and no bytes are left before its error. */
  probe(): void {
    const { readable, readableLength } = this.#stream;
    // A pending read will reject anyway. A stream made with `readable: false` closes the reader itself.
    if (this.#reading || this.#ended || !readable || readableLength > 0) return;
    this.#reading = true;
    this.#reader.read(NOTHING).then(this.#onProbed, this.#onError);
  }

  /** Calls back once no bytes are available: at once, when a read waits, or at the end. */
  whenDrained(callback: () => void): void {
    this.#onDrained = callback;
    if (this.#reading || this.#stream.readableEnded) this.#drained();
  }

  #drained(): void {
    const callback = this.#onDrained;
    this.#onDrained = undefined;
    callback?.();
  }

  #wait(): void {
    this.#reading = true;
    this.#drained();
    if (this.#isForeign) {
      this.#endWait = waits(this.#stream, { side: "reader", operation: "read", waitsFor: "for a byte" });
    }
    this.#chunks.next().then(this.#onChunk, this.#onError);
  }

  #settled(): void {
    this.#reading = false;
    this.#endWait?.();
    this.#endWait = undefined;
  }

  #deliver(chunk: Uint8Array | null): void {
    // A pipe rejects the read that a destroy interrupts; another reader may still deliver.
    if (this.#stream.destroyed || this.#ended) return;
    try {
      if (this.#isForeign && chunk !== null) this.#chunks.check(chunk);
    } catch (error) {
      this.#reader.closeWithError(error);
      this.#fail(error);
      return;
    }
    if (chunk?.length === 0) {
      this.ask(); // Pushing an empty chunk would end the pull.
      return;
    }
    this.#lastBytes = chunk?.length ?? 0;
    this.#asked = false;
    this.#ended = chunk === null;
    this.#stream.push(chunk);
    if (chunk === null) this.#drained();
  }

  #fail(error: unknown): void {
    this.#stream.destroy(carriable(error));
  }
}
