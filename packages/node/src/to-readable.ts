import { Readable } from "node:stream";
import type { Reader } from "@pipe512/core";

/** The most bytes that one read asks for. */
const CHUNK_BYTES = 65_536;

/**
 * A Node `Readable` over the reading end of a pipe, or over any other `Reader`, which it takes over.
 *
 * Nothing is read before the consumer asks, at most one read is outstanding, and nothing is buffered
 * (`highWaterMark` is 0). The consumer owns the Buffers it gets. The reader's end is the stream's end, and its error
 * destroys the stream: the same object, but for a falsy value, which a Node stream cannot carry; that becomes an
 * `Error` with the code `ERR_FALSY_ERROR`, whose `cause` is the value.
 *
 * `destroy(error)` closes the reader with that error, so the writer's writes reject with it; `destroy()` only closes.
 * Leaving a `for await` loop early is Node's own: it destroys the stream with an `AbortError`, which the writer gets.
 */
export function toReadable(reader: Reader): Readable {
  return new Readable({
    highWaterMark: 0,
    read() {
      nextChunk(reader).then(
        (chunk) => {
          // A pipe rejects the read that a destroy interrupts; another reader may still deliver.
          if (!this.destroyed) this.push(chunk);
        },
        (error: unknown) => this.destroy(carriable(error)),
      );
    },
    destroy(error, callback) {
      if (error === null) reader.close();
      else reader.closeWithError(error);
      callback(error);
    },
  });
}

/** A chunk that nobody else holds, never empty: a pushed empty chunk would end the asking. `null` at the end. */
async function nextChunk(reader: Reader): Promise<Uint8Array | null> {
  for (;;) {
    let chunk: Uint8Array | null;
    if (reader.readChunk) {
      chunk = await reader.readChunk({ maxBytes: CHUNK_BYTES });
    } else {
      const into = new Uint8Array(CHUNK_BYTES);
      const count = await reader.read(into);
      chunk = count === null ? null : into.slice(0, count);
    }
    if (chunk === null || chunk.byteLength > 0) return chunk;
  }
}

/** Node takes a falsy error for none, and would end the stream without one. */
function carriable(error: unknown): Error {
  if (error) return error as Error;
  const message = `The reader failed with a falsy value, which a Node stream cannot carry: ${String(error)}`;
  return Object.assign(new Error(message, { cause: error }), { code: "ERR_FALSY_ERROR" });
}
