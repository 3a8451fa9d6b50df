import type { Ends } from "@pipe512/conformance";
import { pipe } from "@pipe512/core";

/** The pipe itself needs no wrapping: its ends are a Reader and a Writer. */
export const create = (): Ends => pipe();

/** Returns the value that the pipe delivers after `value` was written. */
export async function pass(value: unknown): Promise<unknown> {
  const { reader, writer } = pipe();
  const refused = writer.write(value as Uint8Array).then(() => new Promise<never>(() => {}));
  return Promise.race([reader.readChunk(), refused]);
}
