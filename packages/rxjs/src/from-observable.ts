import { type PipeReader, pipe } from "@pipe512/core";
import { madeBy } from "@pipe512/core/adapter";
import { from, type ObservableInput } from "rxjs";
import { type QueueOptions, queueRules } from "./queue-options.ts";
import { writeTo } from "./write-to.ts";

/** The reading end of a pipe that an Observable writes to. */
export interface ObservableReader extends PipeReader {
  /** The number of bytes that `overflow` has dropped so far because the queue was full. */
  readonly bytesDropped: number;
}

/**
 * A `Reader` of the bytes or strings (as UTF-8) that a source emits. It subscribes at the call, and unsubscribes as
 * soon as the reader is closed, even while the source is idle. `source` is anything that RxJS's `from()` accepts,
 * including an object with only `Symbol.observable`.
 *
 * An Observable has no backpressure. Values that arrive while no read is pending are copied whole into a queue of at
 * most `maxBytes`. The pipe holds 512 bytes in addition. When the queue is full, `overflow` decides; by default the
 * reader fails with an `OverflowError`.
 *
 * When the source completes, the reader ends. When it fails, the reader fails with the same error object, after all
 * data.
 *
 * @throws {TypeError} If `source` cannot be subscribed to.
 * @throws {TypeError} If an option is of the wrong type, or `overflow` is not one of its three values.
 * @throws {RangeError} If `maxBytes` is not an integer of at least 1.
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
  const error = (): void => {}; // The reader gets this error from the pipe.
  from(source)
    .pipe(writeTo(writer, { ...rules, onDrop }))
    .subscribe({ error });
  return Object.defineProperty(reader, "bytesDropped", { get: () => bytesDropped }) as ObservableReader;
}
