import { PIPE_CAPACITY, type Reader } from "@pipe512/core";
import { spend } from "@pipe512/core/adapter";
import type { Abort } from "./abort.ts";
import { CHUNK_BYTES, spansItsBuffer } from "./bytes.ts";
import { onceClosed } from "./closed.ts";
import type { HandOff, Taker } from "./hand-off.ts";
import { Input } from "./input.ts";

/*
 * The states of a source and their transitions. Only `move` changes the state.
 *
 *   IDLE       no read of the stream is pending, or the stream has yet to call pull()
 *     pull(), after a short read           -> LINGERING
 *     pull(), bytes are available          -> IDLE, they are delivered
 *     pull(), none are available           -> NAMED if there is a hand-off, else READING
 *     pull(), the budget is used up        -> READING
 *     learn(), no more bytes will come     -> READING
 *   LINGERING  waits for some microtasks
 *     they have run                        -> as pull()
 *   NAMED      the source is the taker of the hand-off, and no read of the reader is pending
 *     take() of a chunk that fits          -> IDLE, it is delivered
 *     take() of another chunk, learn()     -> READING
 *   READING    a read of the reader is pending
 *     the read settles                     -> IDLE, its result is delivered
 *   OVER       reached from every state by the end, an error, cancel() or an abort; final
 */
const IDLE = 0;
const LINGERING = 1;
const NAMED = 2;
const READING = 3;
const OVER = 4;

/**
 * The number of microtasks that a pull waits after one that found less than a full ring. A writer that awaits each
 * write completes several in that time, and the stream's expensive steps run once for all of them. (Writes of 16 bytes
 * take a third to a half less time.)
 */
const LATER = 4;

/**
 * The number of small chunks handed off directly before a pull waits for microtasks. A writer that does not wait for
 * the consumer fills the ring in that time, and one chunk then carries many writes.
 */
const TAKEN = 32;

const microtask: Promise<void> = Promise.resolve();

/** The result of a read: a count if a view was passed, otherwise a chunk; `null` at the end. */
type Answer = Uint8Array | number | null;

/**
 * The source of a stream over a `Reader`.
 *
 * `pull` always returns `undefined`: a stream accepts chunks at any time, so it needs no promise to wait for. Methods
 * are `private`, because calls of `#private` ones check their receiver and only the stream has a reference to a source.
 */
export class Source implements Taker {
  readonly type: "bytes" | undefined;
  readonly #reader: Reader;
  readonly #input: Input;
  readonly #chunkSize: number;
  readonly #handOff: HandOff | undefined;
  readonly #abort: Abort | undefined;
  /** Set once by {@link start}. */
  #controller!: ReadableByteStreamController;
  /** Changed by {@link move}. */
  #state: number = IDLE;
  /**
   * Whether the pending view belongs to a reader that has released its lock. Bytes are then enqueued instead, because the
   * standard has no step that delivers the bytes of such a view to a default read. Cleared when bytes are delivered.
   */
  #stale = false;
  /** Whether the reader can deliver no more bytes, and the stream was not notified of it yet. Set by {@link learn}. */
  #over = false;
  /** An error kept for the next read, because it would discard the bytes queued in the stream. Set by {@link #fail}. */
  #failure: { readonly error: unknown } | undefined;
  /**
   * The number of microtasks that the next pull waits. Set by {@link ask} and {@link take}, counted down by
   * {@link #linger}.
   */
  #later = 0;
  /** The number of consecutive small chunks handed off directly. Counted by {@link take}. */
  #taken = 0;

  constructor(
    reader: Reader,
    chunkSize: number,
    type: "bytes" | undefined,
    handOff: HandOff | undefined,
    abort: Abort | undefined,
  ) {
    this.type = type;
    this.#reader = reader;
    this.#input = new Input(reader, chunkSize);
    this.#chunkSize = chunkSize;
    this.#handOff = handOff;
    this.#abort = abort;
  }

  start(controller: ReadableByteStreamController): void {
    this.#controller = controller;
    onceClosed(this.#reader.closed, this);
    this.#abort?.start(this);
  }

  pull(): void {
    if (this.#state !== IDLE) {
      // A stream pulls again with a view pending only for a read without a view: the view's reader has released its
      // lock.
      this.#stale = true;
    } else if (this.#later > 0) {
      this.move(LINGERING);
      void microtask.then(this.#linger);
    } else {
      this.ask();
    }
  }

  /**
   * Called when a BYOB reader has released its lock. If its read was pending, the stream keeps the view. It may not
   * have called pull() for it, and calls pull() for no later BYOB read (ReadableByteStreamControllerPullInto). So this
   * method pulls: the bytes are queued in the stream for the next read.
   */
  released(): void {
    if (this.#state === OVER || this.#controller.byobRequest === null) return;
    this.#stale = true;
    if (this.#state === IDLE) this.ask();
  }

  cancel(reason: unknown): void {
    this.finish();
    if (reason === undefined) this.#reader.close();
    else this.#reader.closeWithError(reason);
  }

  cutOff(reason: unknown): void {
    this.finish();
    this.#reader.closeWithError(reason);
    this.#controller.error(reason);
  }

  take(bytes: Uint8Array, given: boolean): boolean {
    const { length } = bytes;
    const { view } = this;
    const whole = view === undefined && given && spansItsBuffer(bytes);
    const room = view?.length ?? Math.min(this.#chunkSize, CHUNK_BYTES);
    if ((!whole && length > room) || !spend(length)) {
      this.read();
      return false;
    }
    this.move(IDLE);
    this.#taken = length < PIPE_CAPACITY ? (this.#taken + 1) % TAKEN : 0;
    if (this.#taken === TAKEN - 1) this.#later = LATER;
    view?.set(bytes);
    return this.deliver(view ? length : whole ? bytes : new Uint8Array(bytes));
  }

  /** Called when the reader can deliver no more bytes. Reads the end, so that an idle consumer is notified. */
  learn(): void {
    this.#over = true;
    if (this.#state === IDLE || this.#state === NAMED) this.readEnd();
  }

  private readEnd(): void {
    this.#over = false;
    this.read();
  }

  private move(state: number): void {
    if (this.#handOff !== undefined) {
      if (state === NAMED) this.#handOff.taker = this;
      else if (this.#state === NAMED) this.#handOff.taker = undefined;
    }
    this.#state = state;
  }

  /** Delivers available bytes, or waits for some. */
  private ask(): void {
    try {
      if (this.#failure !== undefined) throw this.#failure.error;
      if (spend(0)) {
        const { view } = this;
        const got = view ? this.#input.tryRead(view) : this.#input.tryNext();
        if (got !== undefined && got !== 0) {
          if (got !== null && lengthOf(got) < PIPE_CAPACITY) this.#later = LATER;
          if (this.deliver(got)) return;
          this.#later = 0;
        }
        if (this.#handOff !== undefined) {
          this.move(NAMED);
          return;
        }
      }
      this.read();
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Starts a read of the reader. */
  private read(): void {
    this.move(READING);
    try {
      const { view } = this;
      const reading: Promise<Answer> = view ? this.#input.read(view) : this.#input.next();
      reading.then(this.#arrive, this.#fail);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** The consumer's view to fill, if there is one. */
  private get view(): Uint8Array | undefined {
    if (this.type === undefined || this.#stale) return undefined;
    return (this.#controller.byobRequest?.view as Uint8Array | null | undefined) ?? undefined;
  }

  /** Gives the writer time to add bytes: many small writes in one chunk cost as much as one. */
  readonly #linger = (): void => {
    if (this.#state === OVER) return;
    this.#later -= 1;
    if (this.#later > 0) {
      void microtask.then(this.#linger);
      return;
    }
    this.move(IDLE);
    this.ask();
  };

  readonly #arrive = (got: Answer): void => {
    if (this.#state === OVER) return;
    this.move(IDLE);
    try {
      // Reads again after 0 bytes, which a foreign reader may return but a stream cannot deliver.
      if (!this.deliver(got)) this.read();
      else if (this.#over && this.#state === IDLE) this.readEnd();
    } catch (error) {
      this.#fail(error);
    }
  };

  readonly #fail = (error: unknown): void => {
    if (this.#state === OVER) return;
    if (this.#failure === undefined && (this.#controller.desiredSize ?? 0) < 0) {
      this.#failure = { error };
      this.move(IDLE);
      return;
    }
    this.finish();
    this.#reader.closeWithError(error); // The error may come from the stream, and then the reader is still open.
    this.#controller.error(error);
  };

  /** Delivers the result of a read, and returns `false` if it had 0 bytes. */
  private deliver(got: Answer): boolean {
    const stale = this.#stale;
    if (got === null) {
      this.end();
    } else if (typeof got === "number") {
      const request = this.#controller.byobRequest as ReadableStreamBYOBRequest;
      const view = request.view as Uint8Array;
      if (this.#input.check(got, view.length) === 0) return false;
      this.#stale = false;
      if (stale) this.enqueue(view.slice(0, got));
      else request.respond(got);
    } else {
      if (got.length === 0) return this.#input.check(0, 1) > 0;
      this.#stale = false;
      this.enqueue(got);
    }
    return true;
  }

  private enqueue(bytes: Uint8Array): void {
    // A byte stream transfers the whole buffer of a chunk, which must not be shared. For a default stream the buffer is
    // not read: reading it makes V8 move a small array out of its heap.
    const whole = this.type === undefined || (spansItsBuffer(bytes) && bytes.buffer instanceof ArrayBuffer);
    try {
      this.#controller.enqueue((whole ? bytes : new Uint8Array(bytes)) as Uint8Array<ArrayBuffer>);
    } catch {
      this.#controller.enqueue(new Uint8Array(bytes)); // Some memory cannot be transferred, such as WebAssembly's, and only enqueue() reveals it.
    }
  }

  private end(): void {
    this.finish();
    this.#controller.close();
    // Only this call makes the standard release pending views and settle their reads (whatwg/streams#1321).
    this.#controller.byobRequest?.respond(0);
  }

  private finish(): void {
    this.move(OVER);
    this.#abort?.stop();
  }
}

function lengthOf(got: Uint8Array | number): number {
  return typeof got === "number" ? got : got.length;
}
