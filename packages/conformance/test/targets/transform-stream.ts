import type { Ends } from "@pipe512/conformance";
import { readFrom } from "./chunks.ts";

/** An identity TransformStream whose readable side may hold 512 bytes. */
export function create(): Ends {
  const strategy = new ByteLengthQueuingStrategy({ highWaterMark: 512 });
  const stream = new TransformStream<Uint8Array, Uint8Array>({}, undefined, strategy);
  const source = stream.readable.getReader();
  const sink = stream.writable.getWriter();
  const ignore = (): void => {}; // The result of a close is not needed: the reads and writes report errors.
  return {
    reader: {
      read: readFrom(async () => {
        const { done, value } = await source.read();
        return done ? null : value;
      }),
      close: () => void source.cancel().catch(ignore),
      closeWithError: (error) => void source.cancel(error).catch(ignore),
    },
    writer: {
      write: async (bytes) => {
        await sink.write(bytes);
        return bytes.length;
      },
      close: () => void sink.close().catch(ignore),
      closeWithError: (error) => void sink.abort(error).catch(ignore),
    },
  };
}

/** Returns the value that the stream delivers after `value` was written, without a wrapper. */
export async function pass(value: unknown): Promise<unknown> {
  const { readable, writable } = new TransformStream<unknown, unknown>();
  void writable.getWriter().write(value);
  return (await readable.getReader().read()).value;
}
