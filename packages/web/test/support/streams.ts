import type { Reader } from "@pipe512/core";

/** Possible reasons. For `undefined`, streams make their own reason. */
export const reasons: readonly unknown[] = [new Error("enough"), "a string", "", 0, false, null];

/** The name of a reason in the title of a test. */
export const show = (reason: unknown): string =>
  reason instanceof Error ? "an Error" : JSON.stringify(reason);

/** Returns all bytes of a stream. */
export async function received(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<Uint8Array> {
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** A source that delivers one chunk for each pull, and records its state. */
export interface Source {
  readonly stream: ReadableStream<Uint8Array<ArrayBuffer>>;
  /** The number of chunks pulled. */
  asked: number;
  /** The reasons of its cancellations. */
  readonly cancelled: unknown[];
}

/** A stream that delivers `chunks`, then closes or fails according to `then`. */
export function sourceOf(
  chunks: Iterable<Uint8Array<ArrayBuffer>>,
  then: (controller: ReadableStreamDefaultController) => void = (controller) => controller.close(),
): Source {
  const iterator = chunks[Symbol.iterator]();
  const cancelled: unknown[] = [];
  const source = {
    asked: 0,
    cancelled,
    stream: new ReadableStream<Uint8Array<ArrayBuffer>>(
      {
        pull(controller) {
          source.asked += 1;
          const { done, value } = iterator.next();
          if (done) then(controller);
          else controller.enqueue(value);
        },
        cancel(reason) {
          cancelled.push(reason);
        },
      },
      { highWaterMark: 0 },
    ),
  };
  return source;
}

/** A reader with only the required members. */
export function bare(read: Reader["read"], closings: unknown[] = []): Reader {
  return {
    read,
    close: () => closings.push("closed"),
    closeWithError: (error) => closings.push(error),
  };
}
