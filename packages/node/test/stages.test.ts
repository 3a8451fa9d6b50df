import { Duplex, Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { pipe } from "@pipe512/core";
import { spend } from "@pipe512/core/adapter";
import { duplexPair, toDuplex, toReadable, toWritable } from "@pipe512/node";
import { describe, expect, test } from "vitest";
import { rejection } from "./support/turns.ts";

const failure = Object.assign(new Error("bad byte"), { code: "EBAD" });

/** Makes the pipes defer all operations. After two slices of 12 ms they skip one iteration of the event loop. */
function useBudget(): void {
  for (const until = Date.now() + 30; Date.now() < until; );
  while (spend(0));
}

/** Fails at the first chunk. With `usesBudget`, the close of `chunks` arrives in time, and the error is deferred. */
async function fail(chunks: AsyncIterable<Uint8Array>, usesBudget: boolean): Promise<void> {
  try {
    for await (const chunk of chunks) if (chunk.length > 0) throw failure;
  } finally {
    if (usesBudget) useBudget();
  }
}

const stage = (usesBudget: boolean) =>
  async function* (chunks: AsyncIterable<Buffer>): AsyncGenerator<string> {
    await fail(chunks, usesBudget);
    yield "";
  };

const source = (): Readable => Readable.from(Array.from({ length: 50 }, () => Buffer.alloc(20_000)));
const sink = (): Writable => new Writable({ write: (_chunk, _encoding, done) => done() });

/** Duplexes whose other side is a stage that ends its loop with an error. */
const stages: ReadonlyArray<readonly [string, (usesBudget: boolean) => Duplex]> = [
  [
    "duplexPair()",
    (usesBudget) => {
      const [near, far] = duplexPair();
      pipeline(far, stage(usesBudget), far).catch(() => {});
      return near;
    },
  ],
  [
    "two toDuplex()",
    (usesBudget) => {
      const [there, back] = [pipe(), pipe()];
      const far = toDuplex(there.reader, back.writer);
      pipeline(far, stage(usesBudget), far).catch(() => {});
      return toDuplex(back.reader, there.writer);
    },
  ],
  [
    "toReadable() and toWritable() of two pipes",
    (usesBudget) => {
      const [there, back] = [pipe(), pipe()];
      pipeline(toReadable(there.reader), stage(usesBudget), toWritable(back.writer)).catch(() => {});
      return Duplex.from({ writable: toWritable(there.writer), readable: toReadable(back.reader) });
    },
  ],
  [
    "the ends of two pipes",
    (usesBudget) => {
      const [there, back] = [pipe(), pipe()];
      void (async () => {
        try {
          await fail(there.reader, usesBudget);
        } catch (error) {
          back.writer.closeWithError(error);
        }
      })();
      return toDuplex(back.reader, there.writer);
    },
  ],
];

// Red when: leaving a loop destroys its duplex before `pipeline()` can destroy it with the error; or the plain close of
// one pipe arrives before the error of the other, also where the budget defers that error.
describe.each([
  ["the error of a stage", false],
  ["the error of a stage that uses up the budget", true],
] as const)("%s", (_title, usesBudget) => {
  test.each(stages)(
    "after %s is the error of the pipeline before it [NODE-004] [PIPE-040]",
    async (_name, make) => {
      for (let round = 0; round < 5; round++) {
        expect(await rejection(pipeline(source(), make(usesBudget), sink()))).toBe(failure);
      }
    },
  );
});
