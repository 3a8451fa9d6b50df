import type { Ends, OperationOptions } from "@pipe512/conformance";
import { readFrom } from "./chunks.ts";

/** The used part of `node:stream/iter`, which no published types declare yet. */
interface StreamIter {
  push(options: { readonly budget: number }): {
    readonly writer: {
      write(bytes: Uint8Array, options?: OperationOptions): Promise<void>;
      end(): Promise<number>;
      fail(reason: unknown): void;
    };
    readonly readable: AsyncIterable<Uint8Array[]>;
  };
}

const name: string = "node:stream/iter"; // The module needs a flag. A literal name would be resolved even without it.
const streams = (await import(name)) as StreamIter;

/** A push stream of `node:stream/iter` with the smallest budget that it accepts, which is 16 KiB. */
export function create(): Ends {
  const { writer, readable } = streams.push({ budget: 16_384 });
  const source = readable[Symbol.asyncIterator]();
  const ignore = (): void => {}; // The result of a close is not needed: the reads and writes report errors.
  const batch: Uint8Array[] = [];
  return {
    reader: {
      read: readFrom(async () => {
        if (batch.length === 0) {
          const { done, value } = await source.next();
          if (done === true) return null;
          batch.push(...value);
        }
        return batch.shift() ?? null;
      }),
      close: () => void source.return?.().catch(ignore),
      closeWithError: (error) => void source.throw?.(error).catch(ignore),
    },
    writer: {
      write: async (bytes, options) => {
        await writer.write(bytes, options);
        return bytes.length;
      },
      close: () => void writer.end().catch(ignore),
      closeWithError: (error) => writer.fail(error),
    },
  };
}

/** Returns the value that the stream delivers after `value` was written, without a wrapper. */
export async function pass(value: unknown): Promise<unknown> {
  const { writer, readable } = streams.push({ budget: 16_384 });
  await writer.write(value as Uint8Array);
  for await (const batch of readable) return batch[0];
  return undefined;
}
