import type { Reader } from "@pipe512/core";
import { requireReader } from "@pipe512/core/adapter";
import type { Observable } from "rxjs";
import { observe } from "./iteration.ts";

/** Options of {@link toObservable}. */
export interface ToObservableOptions {
  /**
   * Emits views of one array, each valid until `next` returns. By default the subscriber owns each chunk.
   *
   * @default {false}
   */
  readonly borrow?: boolean | undefined;
}

/**
 * An Observable over a `Reader`, of which it takes ownership. **It has no backpressure**: the next chunk, of at most
 * 65,536 bytes, is read as soon as `next` returns. Operators that take time, such as `concatMap`, then queue without a
 * bound; use {@link readEach} with them.
 *
 * Reading starts at the subscription. The end of the reader is emitted as `complete`, and its error as `error`, the
 * same object, after all data. Unsubscribing closes the reader at once, even while a read is pending. So do operators
 * that end early, such as `take`, or whose callback throws.
 *
 * @param reader A reader, or a function that opens one for each subscription. A reader can be consumed only once: a
 * second subscription fails, and the first is not affected.
 * @throws {TypeError} If `reader` is neither. The message names the function that makes a `Reader` of it.
 *
 * @example
 * ```ts
 * toObservable(reader).pipe(lines(), take(10)).subscribe(console.log);
 * ```
 */
export function toObservable(
  reader: Reader | (() => Reader),
  { borrow = false }: ToObservableOptions = {},
): Observable<Uint8Array> {
  if (typeof reader !== "function") requireReader(reader);
  const open = (): Reader => {
    const opened: unknown = typeof reader === "function" ? reader() : reader;
    requireReader(opened);
    return opened;
  };
  return observe<Uint8Array, Uint8Array>(
    typeof reader === "function" ? open : reader,
    borrow,
    (subscriber, chunk) => subscriber.next(chunk),
  );
}
