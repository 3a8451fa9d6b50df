import { signalOf } from "../options.ts";
import { fairTurn } from "../pipe/budget.ts";
import { requireReader } from "../requirement.ts";
import type { Reader } from "../types.ts";
import { describe } from "../value.ts";
import { unlessAborted } from "./aborted.ts";
import { type OwnClosing, ownClosedError } from "./closed-end.ts";
import { type PullOptions, SerialReader } from "./serial-reader.ts";

/** The argument of {@link concat}. */
export type Readers = Iterable<Reader> | AsyncIterable<Reader>;

/**
 * Makes a reader that reads several readers one after the other. It corresponds to Go's `io.MultiReader`.
 *
 * `readers` is an array or another collection of open readers, or an iterator such as a generator or async generator. An
 * iterator is pulled for the next reader only when the previous one has ended, so it can open each reader when needed.
 *
 * When a reader fails, or the result is closed, the remaining readers of a collection are closed in the same way. For an
 * iterator, `return()` is called instead. A reader that was read to its end is not closed.
 *
 * @throws {TypeError} If `readers` is not iterable. No reader is closed.
 * @throws {TypeError} If an element of an array is not a `Reader`. No reader is closed.
 * @throws {TypeError} At a read, if an iterator yields a value that is not a `Reader`.
 * @throws The error of a reader or of the iterator, at a read, as the same object.
 *
 * @example
 * ```ts
 * const parts = ["one\n", "two\n"];
 * const all = concat((function* () {
 *   for (const part of parts) yield fromIterable([part]); // Opened when it is needed.
 * })());
 * for await (const line of lines(all)) console.log(line); // one, two
 * ```
 */
export function concat(readers: Readers): Reader & AsyncIterable<Uint8Array> {
  if (Array.isArray(readers)) {
    for (const [index, reader] of readers.entries()) requireReader(reader, `readers[${index}]`);
  }
  const { [Symbol.asyncIterator]: inTime, [Symbol.iterator]: atOnce } = Object(readers) as Record<
    symbol,
    unknown
  >;
  const iterate = inTime ?? atOnce;
  if (typeof iterate !== "function" || typeof readers === "string") {
    throw new TypeError(`readers must be an iterable of Readers; got ${describe(readers)}`);
  }
  return new ConcatReader(iterate.call(readers) as ReaderIterator, inTime === undefined);
}

type ReaderIterator = Iterator<Reader> | AsyncIterator<Reader>;

class ConcatReader extends SerialReader {
  readonly #readers: ReaderIterator;
  /** Whether the readers are open from the start. An iterator with `return()` is assumed to open them one by one. */
  readonly #isCollection: boolean;
  /** The reader that is being read. */
  #current: Reader | undefined;
  /** The pull of the next reader. It stays pending if the read that started it is aborted. */
  #opening: Promise<Reader | null> | undefined;
  /** The way in which the remaining readers were closed. */
  #released: OwnClosing | undefined;

  constructor(readers: ReaderIterator, isCollection: boolean) {
    super();
    this.#readers = readers;
    this.#isCollection = isCollection && readers.return === undefined;
  }

  protected async pull(into: Uint8Array, options: PullOptions): Promise<number | null> {
    const signal = signalOf(options);
    const { length } = into;
    for (;;) {
      try {
        if (this.#current === undefined) {
          this.#opening ??= this.#open();
          const next = await unlessAborted(this.#opening, signal);
          this.#opening = undefined;
          if (this.#released !== undefined) throw ownClosedError("reader", "read", this.#released);
          if (next === null) return null;
          this.#current = next;
        }
        const count = await this.#current.read(into, options);
        if (count !== null) return count;
        this.#current = undefined;
        const turn = fairTurn(0);
        if (turn !== undefined) await turn;
      } catch (error) {
        // A detached array or an abort fails only this call. Every other error fails the result.
        if (into.length === length && (!signal?.aborted || error !== signal.reason)) this.#fail(error);
        throw error;
      }
    }
  }

  async #open(): Promise<Reader | null> {
    const { done, value } = await this.#readers.next();
    if (done === true) return null;
    requireReader(value, "a reader to concatenate");
    if (this.#released !== undefined) shut(value, this.#released);
    return value;
  }

  #fail(error: unknown): void {
    this.end({ failed: true, reason: error });
    this.release({ cause: error });
  }

  protected release(closing: OwnClosing): void {
    if (this.#released !== undefined) return;
    this.#released = closing;
    if (this.#current !== undefined) shut(this.#current, closing);
    void this.#releaseRest(closing);
  }

  /** Closes the remaining readers. Never rejects, because a close never throws. */
  async #releaseRest(closing: OwnClosing): Promise<void> {
    try {
      if (this.#isCollection) shutAll(this.#readers as Iterator<Reader>, closing);
      else await this.#readers.return?.();
    } catch {}
  }
}

function shut(reader: Reader, closing: OwnClosing): void {
  if ("cause" in closing) reader.closeWithError(closing.cause);
  else reader.close();
}

/** Closes the remaining readers of a collection. */
function shutAll(readers: Iterator<Reader>, closing: OwnClosing): void {
  for (let step = readers.next(); step.done !== true; step = readers.next()) shut(step.value, closing);
}
