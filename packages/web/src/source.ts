import { PIPE_CAPACITY, type Reader } from "@pipe512/core";
import { spend } from "@pipe512/core/adapter";
import type { Abort } from "./abort.ts";
import { CHUNK_BYTES, spansItsBuffer } from "./bytes.ts";
import { onceClosed } from "./closed.ts";
import type { HandOff, Taker } from "./hand-off.ts";
import { Input } from "./input.ts";

/*
 * The states of a source, and all that leads from one to another. Only `#move` changes the state.
 *
 *   IDLE       no read of the stream waits, or the stream has yet to call pull()
 *     pull(), after a short read           -> LINGERING
 *     pull(), bytes are there              -> IDLE, they are delivered
 *     pull(), none are there               -> NAMED if there is a hand-off, else READING
 *     pull(), the budget is used up        -> READING
 *     learn(), nothing more will come      -> READING
 *   LINGERING  lets some microtasks pass
 *     they have passed                     -> as pull()
 *   NAMED      the hand-off names the source, and no read of the reader is under way
 *     take() of a chunk that fits          -> IDLE, it is delivered
 *     take() of another chunk, learn()     -> READING
 *   READING    a read of the reader is under way
 *     the answer comes                     -> IDLE, it is delivered
 *   OVER       entered from every state, by the end, an error, cancel() or an abort; never left
 */
const IDLE = 0;
const LINGERING = 1;
const NAMED = 2;
const READING = 3;
const OVER = 4;

/**
 * So many microtasks the next pull lets pass where one has found less than a full ring: a writer that awaits each of its writes has written
 * as often by then, and the stream's own steps, which are dear, are taken once for all of that. (16 bytes cost a third to a half less.)
 */
const LATER = 4;

/**
 * After so many small chunks that went past the pipe the next pull lets microtasks pass. Where the writer does not wait for the consumer, its writes
 * lie in the ring by then, and one chunk serves them all from then on.
 */
const TAKEN = 32;

const microtask: Promise<void> = Promise.resolve();

/** What a `Reader` gives: a count for a view that was passed, else a chunk; `null` at the end. */
type Answer = Uint8Array | number | null;

/**
 * The source of a stream over a `Reader`.
 *
 * `pull` returns nothing, also where the reader has nothing yet: a stream takes chunks at any time, so no promise is made for
 * it to wait for. Methods are `private` and not `#private`, whose calls check their receiver: only the stream gets hold of a source.
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
   * Whether the view that waits belongs to a reader that has released its lock. The standard has no step that delivers what is put into such a view
   * to a default read, so it is not filled: bytes are enqueued, which delivers them to any kind of read. Cleared when bytes are delivered.
   */
  #stale = false;
  /** Whether no read of the reader can deliver a byte any more, and the stream was not notified yet. Set by {@link learn}. */
  #over = false;
  /** An error that waits for the next read, since it would drop what lies in the stream. Set by {@link #fail}. */
  #failure: { readonly error: unknown } | undefined;
  /** How many microtasks the next pull lets pass. Set by {@link ask} and {@link take}, counted down by {@link #linger}. */
  #later = 0;
  /** Small chunks in a row that went past the pipe. Counted by {@link take}. */
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
      // A stream pulls again while a view waits only where a read without a view came: the view's own reader has left.
      this.#stale = true;
    } else if (this.#later > 0) {
      this.move(LINGERING);
      void microtask.then(this.#linger);
    } else {
      this.ask();
    }
  }

  /**
   * A BYOB reader has released its lock. Where its read waits, the stream keeps the view, may never have called pull() for it, and will call it for
   * no later BYOB read (ReadableByteStreamControllerPullInto). So this does: the bytes wait in the stream for the next read.
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

  /** No read of the reader can deliver a byte any more: notifies a consumer that does not read. */
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

  /** Delivers what is there, else waits. */
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

  /** Waits for the reader. */
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

  /** The memory that the consumer wants filled, if it brought any. */
  private get view(): Uint8Array | undefined {
    if (this.type === undefined || this.#stale) return undefined;
    return (this.#controller.byobRequest?.view as Uint8Array | null | undefined) ?? undefined;
  }

  /** Lets the writer go first: many small chunks in one cost what one does. */
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
      // The standard has no answer of 0 bytes, which a reader that is not a pipe may give.
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
    this.#reader.closeWithError(error); // It may be the stream's: no chunk is wanted any more.
    this.#controller.error(error);
  };

  /** Delivers what came, and returns whether anything did. */
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
    // A byte stream takes over the whole of a chunk's memory, and cannot take what is shared. A plain one gets it unseen: to
    // ask for the buffer of a small array makes V8 move it there.
    const whole = this.type === undefined || (spansItsBuffer(bytes) && bytes.buffer instanceof ArrayBuffer);
    try {
      this.#controller.enqueue((whole ? bytes : new Uint8Array(bytes)) as Uint8Array<ArrayBuffer>);
    } catch {
      this.#controller.enqueue(new Uint8Array(bytes)); // Memory that cannot be taken over, as WebAssembly's, does not tell before.
    }
  }

  private end(): void {
    this.finish();
    this.#controller.close();
    // The standard lets go of the views that wait, and settles their reads, only with this answer (whatwg/streams#1321).
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
