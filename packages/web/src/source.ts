import { PIPE_CAPACITY, type Reader } from "@pipe512/core";
import { CHUNK_BYTES, NOTHING } from "./bytes.ts";
import { Chunks } from "./chunks.ts";
import { onceClosed } from "./closed.ts";
import { mayTry } from "./fairness.ts";
import type { HandOff, Taker } from "./hand-off.ts";

/**
 * So many microtasks the next pull lets pass where one has found less than a full ring: a writer that awaits each of its writes has written
 * as often by then, and the stream's own steps, which are dear, are taken once for all of that. (16 bytes cost a third to a half less.)
 */
const LATER = 4;

const microtask: Promise<void> = Promise.resolve();

/**
 * The source of a stream over a `Reader`.
 *
 * `pull` returns nothing, also where the reader has nothing yet: a stream takes chunks at any time, so no promise is made for
 * it to wait for. Methods are `private` and not `#private`, whose calls check their receiver: only the stream gets hold of a source.
 */
export class Source implements Taker {
  readonly type: "bytes" | undefined;
  readonly #reader: Reader;
  readonly #chunks: Chunks;
  readonly #chunkSize: number;
  readonly #handOff: HandOff | undefined;
  /** Set once by {@link start}. */
  #controller!: ReadableByteStreamController;
  /** Whether a read of the reader is under way. Set by {@link wait}, cleared when it is over. */
  #waiting = false;
  /** Whether no read of the reader can deliver a byte any more. Set by {@link learn}. */
  #over = false;
  /** How many microtasks the next pull lets pass. Set by {@link pull}, counted down by {@link linger}. */
  #later = 0;
  /** Whether the stream knows its end. Set by {@link end}, {@link fail} and {@link cancel}. */
  #ended = false;

  constructor(reader: Reader, chunkSize: number, type: "bytes" | undefined, handOff: HandOff | undefined) {
    this.type = type;
    this.#reader = reader;
    this.#chunks = new Chunks(reader, chunkSize);
    this.#chunkSize = chunkSize;
    this.#handOff = handOff;
  }

  start(controller: ReadableByteStreamController): void {
    this.#controller = controller;
    onceClosed(this.#reader.closed, this);
  }

  pull(): void {
    if (this.#waiting) return; // More than one read of the stream waits.
    if (this.#later > 0) {
      this.#waiting = true;
      void microtask.then(this.#linger);
      return;
    }
    try {
      if (mayTry()) {
        const { view } = this;
        const got = view ? this.#reader.tryRead?.(view) : this.#chunks.tryNext();
        if (got !== undefined) {
          if (got !== null && lengthOf(got) < PIPE_CAPACITY) this.#later = LATER;
          if (this.deliver(got)) return;
          this.#later = 0; // Nothing is there.
        }
        if (this.#handOff !== undefined) {
          this.#handOff.taker = this;
          return;
        }
      }
      this.wait();
    } catch (error) {
      this.#fail(error);
    }
  }

  cancel(reason: unknown): void {
    this.#ended = true;
    if (reason === undefined) this.#reader.close();
    else this.#reader.closeWithError(reason);
  }

  take(bytes: Uint8Array, given: boolean): boolean {
    const { length } = bytes;
    const { view } = this;
    if (view) {
      if (length > view.length) return false;
      view.set(bytes);
      return this.deliver(length);
    }
    if (given && length === bytes.buffer.byteLength) return this.deliver(bytes);
    return length <= Math.min(this.#chunkSize, CHUNK_BYTES) && this.deliver(new Uint8Array(bytes));
  }

  wait(): void {
    this.#waiting = true;
    try {
      const { view } = this;
      const reading: Promise<Uint8Array | number | null> = view
        ? this.#reader.read(view)
        : this.#chunks.next();
      reading.then(this.#arrive, this.#fail);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** The memory that the consumer wants filled, if it brought any. */
  private get view(): Uint8Array | undefined {
    if (this.type === undefined) return undefined;
    return (this.#controller.byobRequest?.view as Uint8Array | null | undefined) ?? undefined;
  }

  /** Lets the writer go first: many small chunks in one cost what one does. */
  readonly #linger = (): void => {
    this.#later -= 1;
    if (this.#later > 0) {
      void microtask.then(this.#linger);
      return;
    }
    this.#waiting = false;
    if (!this.#ended) this.pull();
  };

  readonly #arrive = (got: Uint8Array | number | null): void => {
    this.#waiting = false;
    if (this.#ended) return;
    try {
      // The standard has no answer of 0 bytes, which a reader that is no pipe may give.
      if (!this.deliver(got)) this.wait();
      else if (this.#over) this.learn();
    } catch (error) {
      this.#fail(error);
    }
  };

  readonly #fail = (error: unknown): void => {
    this.#waiting = false;
    this.#ended = true;
    this.#reader.closeWithError(error); // It may be the stream's: no chunk is wanted any more.
    this.#controller.error(error);
  };

  /** Hands over what came, and returns whether anything did. */
  private deliver(got: Uint8Array | number | null): boolean {
    if (got === null) {
      this.end();
    } else if (typeof got === "number") {
      if (got === 0) return false;
      this.#controller.byobRequest?.respond(got);
    } else {
      if (got.length === 0) return false;
      // A byte stream takes over the whole of a chunk's memory, and cannot take what is shared. A plain one gets it unseen: to
      // ask for the buffer of a small array makes V8 move it there.
      const whole =
        this.type === undefined ||
        (got.byteLength === got.buffer.byteLength && got.buffer instanceof ArrayBuffer);
      try {
        this.#controller.enqueue((whole ? got : new Uint8Array(got)) as Uint8Array<ArrayBuffer>);
      } catch {
        this.#controller.enqueue(new Uint8Array(got)); // Memory that cannot be taken over, as WebAssembly's, does not tell before.
      }
    }
    return true;
  }

  private end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#controller.close();
    // The standard lets go of the views that wait, and settles their reads, only with this answer (whatwg/streams#1321).
    this.#controller.byobRequest?.respond(0);
  }

  /** No read of the reader can deliver a byte any more: tells a consumer that does not ask. */
  learn(): void {
    this.#over = true;
    if (this.#waiting || this.#ended) return;
    this.#reader.read(NOTHING).then(
      (got) => {
        if (got === null) this.#arrive(got);
      },
      (error: unknown) => {
        // An error drops what lies in the stream, so it waits there for the next read.
        if (this.#controller.desiredSize === 0) this.#controller.error(error);
      },
    );
  }
}

function lengthOf(got: Uint8Array | number): number {
  return typeof got === "number" ? got : got.length;
}
