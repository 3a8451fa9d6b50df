import { type PipeReader, pipe } from "@pipe512/core";
import { madeBy } from "@pipe512/core/adapter";
import { from, type ObservableInput } from "rxjs";
import { type QueueOptions, queueRules } from "./queue-options.ts";
import { writeTo } from "./write-to.ts";

/** The reading end of a pipe that an Observable writes to. */
export interface ObservableReader extends PipeReader {
  /** Bytes that had no room in the queue and were dropped, as `overflow` says, since the start. */
  readonly bytesDropped: number;
}

/**
 * A `Reader` of what a source emits, bytes or strings (as UTF-8). It subscribes at once, and unsubscribes at once when the
 * reader is closed, also while the source is idle. The source may be whatever `from()` of RxJS takes, an object with
 * nothing but `Symbol.observable` included.
 *
 * An Observable cannot be told to wait: what comes while nobody reads is copied into a queue of at most `maxBytes`, by
 * whole values, besides the 512 bytes of the pipe. Beyond it `overflow` decides; unless told otherwise, the reader
 * gets an `OverflowError`.
 *
 * The source's end is the reader's end, and its error the reader's error, the same object, after all data.
 *
 * @throws {TypeError} If `source` is nothing that can be subscribed to, an option is of the wrong type, or `overflow` is none of the choices.
 * @throws {RangeError} If `maxBytes` is no integer of at least 1.
 *
 * @example
 * ```ts
 * const reader = fromObservable(of("smör", "gås"));
 * console.log(await readText(reader)); // smörgås
 * ```
 */
export function fromObservable(
  source: ObservableInput<Uint8Array | string>,
  options?: QueueOptions,
): ObservableReader {
  const rules = queueRules(options);
  const { reader, writer } = madeBy(fromObservable, () => pipe());
  let bytesDropped = 0;
  const onDrop = (bytes: number): void => {
    bytesDropped += bytes;
    rules.onDrop(bytes);
  };
  const error = (): void => {}; // It is the reader's, which gets it from the pipe.
  from(source)
    .pipe(writeTo(writer, { ...rules, onDrop }))
    .subscribe({ error });
  return Object.defineProperty(reader, "bytesDropped", { get: () => bytesDropped }) as ObservableReader;
}
