import { finished } from "node:stream";
import { pipe } from "@pipe512/core";
import { duplexPair, pipeDuplex, toReadable } from "@pipe512/node";
import { expect, test } from "vitest";
import { sequence } from "./support/bytes.ts";
import { settle } from "./support/turns.ts";

/** The number of streams that are collected once they are unreachable. */
async function collected(make: () => object): Promise<number> {
  let count = 0;
  const registry = new FinalizationRegistry(() => {
    count += 1;
  });
  for (let index = 0; index < 20; index++) registry.register(make(), index);
  for (let round = 0; round < 30 && count < 19; round++) {
    globalThis.gc?.();
    await settle(3);
  }
  return count;
}

const { signal } = new AbortController();

// Red when: a pending write in the pipe keeps the stream alive through the registry of lost ends; or a signal does.
test.each<readonly [string, () => object]>([
  ["a pipeDuplex() with a pending write", () => written(pipeDuplex())],
  ["a pipeDuplex() that buffers", () => written(pipeDuplex({ highWaterMark: 65_536 }))],
  ["a pipeDuplex() with a pending end()", () => pipeDuplex().end(sequence(2000))],
  ["a pipeDuplex() with a waiting consumer", () => pipeDuplex().resume()],
  ["a pipeDuplex() with a signal", () => written(pipeDuplex({ signal }))],
  ["a pipeDuplex() that transfers", () => written(pipeDuplex({ transfer: true }))],
  ["an end of a pair with a pending write", () => written(duplexPair()[0])],
  [
    "a pair with pending writes both ways, and a signal",
    () => {
      const [one, other] = duplexPair({ signal });
      written(one);
      return written(other);
    },
  ],
  [
    "a pair with a pending end()",
    () => {
      const [one, other] = duplexPair();
      one.end(sequence(2000));
      return other;
    },
  ],
  [
    "a pair watched by finished()",
    () => {
      const [one] = duplexPair();
      finished(one, () => {});
      return written(one);
    },
  ],
  ["a toReadable() with a signal", () => toReadable(pipe().reader, { signal })],
])("%s is collected once it is unreachable [NODE-018]", async (_name, make) => {
  expect(await collected(make)).toBeGreaterThanOrEqual(19); // A register may still hold the last one.
});

function written<Stream extends NodeJS.WritableStream>(stream: Stream): Stream {
  stream.on("error", () => {}).write(sequence(100_000));
  return stream;
}
