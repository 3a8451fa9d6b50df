import { Duplex, Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { pipe } from "@pipe512/core";
import { duplexPair, toDuplex, toReadable, toWritable } from "@pipe512/node";
import { expect, test } from "vitest";
import { rejection } from "./support/turns.ts";

const failure = Object.assign(new Error("bad byte"), { code: "EBAD" });

async function* stage(chunks: AsyncIterable<Buffer>): AsyncGenerator<string> {
  for await (const chunk of chunks) if (chunk.length > 0) throw failure;
  yield "";
}

const source = (): Readable => Readable.from(Array.from({ length: 50 }, () => Buffer.alloc(20_000)));
const sink = (): Writable => new Writable({ write: (_chunk, _encoding, done) => done() });

/** Duplexes whose other side is a stage that ends its loop with an error. */
const stages: ReadonlyArray<readonly [string, () => Duplex]> = [
  [
    "duplexPair()",
    () => {
      const [near, far] = duplexPair();
      pipeline(far, stage, far).catch(() => {});
      return near;
    },
  ],
  [
    "two toDuplex()",
    () => {
      const [there, back] = [pipe(), pipe()];
      const far = toDuplex(there.reader, back.writer);
      pipeline(far, stage, far).catch(() => {});
      return toDuplex(back.reader, there.writer);
    },
  ],
  [
    "toReadable() and toWritable() of two pipes",
    () => {
      const [there, back] = [pipe(), pipe()];
      pipeline(toReadable(there.reader), stage, toWritable(back.writer)).catch(() => {});
      return Duplex.from({ writable: toWritable(there.writer), readable: toReadable(back.reader) });
    },
  ],
  [
    "the ends of two pipes",
    () => {
      const [there, back] = [pipe(), pipe()];
      void (async () => {
        try {
          for await (const chunk of there.reader) if (chunk.length > 0) throw failure;
        } catch (error) {
          back.writer.closeWithError(error);
        }
      })();
      return toDuplex(back.reader, there.writer);
    },
  ],
];

// Red when: leaving a loop destroys its duplex before `pipeline()` can destroy it with the error; or the plain close of
// one pipe arrives before the error of the other.
test.each(stages)(
  "the error of a stage after %s is the error of the pipeline before it [NODE-004]",
  async (_name, make) => {
    for (let round = 0; round < 5; round++) {
      expect(await rejection(pipeline(source(), make(), sink()))).toBe(failure);
    }
  },
);
