import { fromWritableStream } from "@pipe512/web";
import { expect, test } from "vitest";

/** Processor time of this thread in milliseconds, which does not depend on the load of the machine. */
const now = (): number => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
};

// Red when: large chunks are copied as soon as their streams are ready, all in one iteration of the event loop.
test("fromWritableStream() copies the large chunks of many streams in several iterations, so that timers fire [PIPE-040]", async () => {
  const chunk = new Uint8Array(1 << 20);
  const writers = Array.from({ length: 300 }, () => fromWritableStream(new WritableStream()));
  let over = false;
  const written = Promise.all(writers.map((writer) => writer.write(chunk))).finally(() => {
    over = true;
  });
  let longestMs = 0;
  while (!over) {
    const beganMs = now();
    await new Promise((resolve) => setTimeout(resolve, 10));
    longestMs = Math.max(longestMs, now() - beganMs);
  }
  expect(longestMs).toBeLessThan(50);
  expect((await written).every((count) => count === chunk.length)).toBe(true);
});
