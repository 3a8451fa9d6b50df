import type { Reader } from "@pipe512/core";

/** The most bytes that one read asks for, unless the consumer brings its own view. */
const CHUNK_BYTES = 65_536;

/**
 * A Web `ReadableStream` of bytes over the reading end of a pipe, or over any other `Reader`, which it takes over.
 *
 * Nothing is read before the consumer asks, and nothing is buffered (`highWaterMark` is 0). It is a byte stream:
 * with `getReader({ mode: "byob" })` the consumer's own view is what the reader fills; without, the consumer gets
 * chunks that it owns. The reader's end is the stream's end, and its error the stream's, the same object.
 *
 * `cancel(reason)` closes the reader with the reason, so the writer's writes reject with it; `cancel()` only closes.
 */
export function toReadableStream(reader: Reader): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream(
    {
      type: "bytes",
      async pull(controller) {
        // Within one pull the request stays the same: only the answer below replaces it.
        const request = controller.byobRequest;
        const into = (request?.view as Uint8Array<ArrayBuffer> | undefined) ?? new Uint8Array(CHUNK_BYTES);
        let count: number | null;
        do {
          // The standard has no answer of 0 bytes, which a reader that is no pipe may give.
          count = await reader.read(into);
        } while (count === 0);
        if (count === null) {
          controller.close();
          // The standard lets go of the consumer's view, and settles its read, only with this answer.
          request?.respond(0);
        } else if (request) {
          request.respond(count);
        } else {
          // The stream takes the chunk's whole memory over, so it gets no more than the bytes need.
          controller.enqueue(into.slice(0, count));
        }
      },
      cancel(reason: unknown) {
        if (reason === undefined) reader.close();
        else reader.closeWithError(reason);
      },
    },
    { highWaterMark: 0 },
  );
}
