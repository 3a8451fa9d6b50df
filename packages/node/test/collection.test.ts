import { finished } from "node:stream";
import { pipe } from "@pipe512/core";
import { duplexPair, pipeDuplex, toReadable } from "@pipe512/node";
import { expect, test } from "vitest";
import { sequence } from "./support/bytes.ts";
import { settle } from "./support/turns.ts";

/** How many of some streams are collected once nobody holds them. */
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

// Red when: a write waits in the pipe, which the registry of lost ends holds, or the signal holds what follows it.
test.each<readonly [string, () => object]>([
  ["a pipeDuplex() with a write waiting", () => written(pipeDuplex())],
  ["a pipeDuplex() that buffers", () => written(pipeDuplex({ highWaterMark: 65_536 }))],
  ["a pipeDuplex() with end() waiting", () => pipeDuplex().end(sequence(2000))],
  ["a pipeDuplex() with a consumer waiting", () => pipeDuplex().resume()],
  ["a pipeDuplex() with a signal", () => written(pipeDuplex({ signal }))],
  ["a pipeDuplex() that transfers", () => written(pipeDuplex({ transfer: true }))],
  ["an end of a pair with a write waiting", () => written(duplexPair()[0])],
  [
    "a pair with writes waiting both ways, and a signal",
    () => {
      const [one, other] = duplexPair({ signal });
      written(one);
      return written(other);
    },
  ],
  [
    "a pair with end() waiting",
    () => {
      const [one, other] = duplexPair();
      one.end(sequence(2000));
      return other;
    },
  ],
  [
    "a pair that finished() follows",
    () => {
      const [one] = duplexPair();
      finished(one, () => {});
      return written(one);
    },
  ],
  ["a toReadable() with a signal", () => toReadable(pipe().reader, { signal })],
])("%s is collected when nobody holds it [NODE-018]", async (_name, make) => {
  expect(await collected(make)).toBeGreaterThanOrEqual(19); // The last one may still lie in a register.
});

function written<Stream extends NodeJS.WritableStream>(stream: Stream): Stream {
  stream.on("error", () => {}).write(sequence(100_000));
  return stream;
}
