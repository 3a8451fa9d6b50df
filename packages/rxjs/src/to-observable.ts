import type { Reader } from "@pipe512/core";
import { Observable, type Subscriber } from "rxjs";

/** The most bytes that one read asks for. */
const CHUNK_BYTES = 65_536;

/**
 * An Observable over the reading end of a pipe, or over any other `Reader`, which it takes over.
 *
 * It reads as soon as it is subscribed to, and emits chunks that the subscriber owns. The reader's end is `complete`,
 * and its error is `error`, the same object. Unsubscribing closes the reader at once, also while no bytes come, and
 * so do operators that end early, such as `take`.
 *
 * It has no back-pressure towards what comes after it: the next chunk is read as soon as `next` has returned.
 * The bytes can be had once: a second subscription gets an error, and the first goes on unharmed.
 */
export function toObservable(reader: Reader): Observable<Uint8Array> {
  let taken = false;
  return new Observable((subscriber) => {
    if (taken) {
      subscriber.error(
        new Error(
          "Cannot subscribe twice to one reader: its bytes go to the first subscriber; use share() or a reader of its own",
        ),
      );
      return;
    }
    taken = true;
    subscriber.add(() => reader.close());
    void emit(reader, subscriber);
  });
}

async function emit(reader: Reader, subscriber: Subscriber<Uint8Array>): Promise<void> {
  try {
    while (!subscriber.closed) {
      const chunk = await nextChunk(reader);
      if (chunk === null) subscriber.complete();
      else subscriber.next(chunk);
    }
  } catch (error) {
    // Once unsubscribed, this is only the read that the closing interrupted.
    if (!subscriber.closed) subscriber.error(error);
  }
}

/** A chunk that nobody else holds, or `null` at the end. */
async function nextChunk(reader: Reader): Promise<Uint8Array | null> {
  if (reader.readChunk) return reader.readChunk({ maxBytes: CHUNK_BYTES });
  const into = new Uint8Array(CHUNK_BYTES);
  const count = await reader.read(into);
  return count === null ? null : into.slice(0, count);
}
