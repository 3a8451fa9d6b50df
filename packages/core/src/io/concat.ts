import { signalOf } from "../options.ts";
import { fairTurn } from "../pipe/budget.ts";
import { requireReader } from "../requirement.ts";
import type { Reader } from "../types.ts";
import { describe } from "../value.ts";
import { unlessAborted } from "./aborted.ts";
import { type OwnClosing, ownClosedError } from "./closed-end.ts";
import { type PullOptions, SerialReader } from "./serial-reader.ts";

/** What {@link concat} takes. */
export type Readers = Iterable<Reader> | AsyncIterable<Reader>;

/**
 * A reader of one reader after the other. Go calls it `io.MultiReader`.
 *
 * An array, or another collection, has its readers open already. An iterator, such as a generator or an async generator, is asked for the next
 * reader when its turn comes, and so can open it then.
 *
 * When a reader fails, or the result is closed, the readers that were not reached are closed in the same way; of an iterator, `return()` is
 * called. A reader that was read to its end is left as it is.
 *
 * @throws {TypeError} If `readers` is not iterable, or a member of an array is not a `Reader`; then nothing is closed. At a read: if what an
 * iterator gave is not a `Reader`.
 * @throws The error of a reader, or of the iterator, at a read, the same object.
 *
 * @example
 * ```ts
 * const parts = ["one\n", "two\n"];
 * const all = concat((function* () {
 *   for (const part of parts) yield fromIterable([part]); // Opened when its turn comes.
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
  /** Whether the readers are there before their turn. An iterator that can be told to stop makes them one by one. */
  readonly #isCollection: boolean;
  /** The reader whose turn it is. */
  #current: Reader | undefined;
  /** The question for the next one, which outlives a read that is aborted. */
  #opening: Promise<Reader | null> | undefined;
  /** How the readers that were not reached were closed. */
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
        // An array that is gone is the fault of this call alone.
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

  /** Closes what was not reached. A close never throws, so neither does this. */
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

/** Closes the readers of a collection, which are open whether or not their turn has come. */
function shutAll(readers: Iterator<Reader>, closing: OwnClosing): void {
  for (let step = readers.next(); step.done !== true; step = readers.next()) shut(step.value, closing);
}
