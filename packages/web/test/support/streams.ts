import type { Reader } from "@pipe512/core";

/** Values that may be given for a reason. Without one (`undefined`), streams make something up. */
export const reasons: readonly unknown[] = [new Error("enough"), "a string", "", 0, false, null];

/** How a reason is called in the title of a test. */
export const show = (reason: unknown): string =>
  reason instanceof Error ? "an Error" : JSON.stringify(reason);

/** All bytes of a stream, as any consumer gets them. */
export async function received(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<Uint8Array> {
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** A source that was handed out chunk by chunk, none before it was asked for, and what has become of it. */
export interface Source {
  readonly stream: ReadableStream<Uint8Array<ArrayBuffer>>;
  /** How many chunks were asked for. */
  asked: number;
  /** The reasons that it was cancelled with. */
  readonly cancelled: unknown[];
}

/** A stream that gives `chunks` and then closes, or fails where `then` says so. */
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

/** A reader with the required members alone. */
export function bare(read: Reader["read"], closings: unknown[] = []): Reader {
  return {
    read,
    close: () => closings.push("closed"),
    closeWithError: (error) => closings.push(error),
  };
}
