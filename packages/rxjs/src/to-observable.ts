import type { Reader } from "@pipe512/core";
import { requireReader } from "@pipe512/core/adapter";
import type { Observable } from "rxjs";
import { observe } from "./iteration.ts";

/** Options of {@link toObservable}. */
export interface ToObservableOptions {
  /**
   * Emits views of one array, each valid until `next` has returned. Unless set, the subscriber owns what it gets.
   *
   * @default {false}
   */
  readonly borrow?: boolean | undefined;
}

/**
 * An Observable over a `Reader`, which it takes over. **It has no back-pressure**: the next chunk, of at most 65,536 bytes, is
 * read as soon as `next` has returned, however long what comes after takes, and operators such as `concatMap` then queue
 * without a bound. Where that matters, use {@link readEach}.
 *
 * It reads as soon as it is subscribed to. The reader's end is `complete` and its error is `error`, the same object,
 * after all data. Unsubscribing closes the reader at once, also while no bytes come, and so do operators that end
 * early, such as `take`, or whose callback throws.
 *
 * @param reader A reader, whose bytes can be had once: a second subscription gets an error, and the first goes on
 * unharmed. Or a function that opens one for each subscription.
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
