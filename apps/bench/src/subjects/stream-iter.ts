import { FunctionInlet } from "./inlets.ts";
import { joined } from "./joined.ts";
import { IterableOutlet } from "./outlets.ts";

/** The used members of `node:stream/iter`, which the types of Node do not declare yet. */
interface StreamIter {
  push(): {
    readonly writer: { write(chunk: Uint8Array): Promise<void>; end(): Promise<unknown> };
    readonly readable: AsyncIterable<readonly Uint8Array[]>;
  };
}

const name = "node:stream/iter";
const streams = (await import(name)) as StreamIter;

/** Splits the batches that its readable yields into chunks. */
async function* chunks(batches: AsyncIterable<readonly Uint8Array[]>): AsyncGenerator<Uint8Array, void> {
  for await (const batch of batches) yield* batch;
}

/** Node's own experimental API for streams as iterables. */
export const open = joined(() => {
  const { writer, readable } = streams.push();
  const iterator = chunks(readable);
  return {
    inlet: new FunctionInlet(
      (chunk) => writer.write(chunk),
      () => writer.end(),
    ),
    outlet: new IterableOutlet(iterator, () => iterator.return()),
  };
});
