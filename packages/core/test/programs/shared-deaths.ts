import { setTimeout as sleep } from "node:timers/promises";
import { attachReader, attachWriter, type SharedHandle, sharedPipe, supervise } from "@pipe512/core/shared";
import { expectSequence, sequence } from "@pipe512/testing/bytes";
import { rejection } from "@pipe512/testing/promises";
import { isAttached } from "../shared/memory.ts";
import { random } from "../support/random.ts";
import { inThread } from "../support/thread.ts";

// Kills threads at random while they write or read. Prints the longest time, in ms, that one of their peers waited for
// the notification. One peer in eight blocks in a separate thread. The arguments are the number of kills and the seed.

const [kills, seed] = process.argv.slice(2).map(Number) as [number, number];
const next = random(seed);
let slowestMs = 0;

async function killOne(): Promise<void> {
  const many = next(4) === 0 ? "many" : "one";
  const { readerHandle, writerHandle } = sharedPipe({ readers: many, writers: many });
  const isWriter = next(2) === 0;
  const pause = next(4) === 0;
  const blocks = next(8) === 0;
  const delayMs = next(6);
  const { worker, ready } = isWriter
    ? inThread(next(2) === 0 ? "feed" : "feedAsync", { handle: writerHandle, total: 2 ** 30, seed })
    : inThread(next(2) === 0 ? "drain" : "drainAsync", { handle: readerHandle, seed });
  let diedAt = 0;
  worker.once("exit", () => {
    diedAt = performance.now();
  });
  supervise(worker, isWriter ? writerHandle : readerHandle);
  const error = rejection(
    blocks
      ? blockInThread(isWriter ? readerHandle : writerHandle)
      : isWriter
        ? readAll(readerHandle, pause)
        : writeAll(writerHandle, pause),
  );
  await ready;
  await isAttached(isWriter ? writerHandle : readerHandle); // A thread that has not attached does not count as lost.
  await sleep(delayMs);
  await worker.terminate();
  const lost = isWriter ? "writer" : "reader";
  const reason = await error;
  const { code, message } = reason as { code?: string; message?: string };
  if (code !== "ERR_ABANDONED_PIPE" || message?.includes(`the thread of the ${lost} died`) !== true) {
    throw new Error(`Expected the news of a lost ${lost}, and it rejected otherwise`, { cause: reason });
  }
  // The third thread posts its result. The time of this message is not part of the measurement.
  if (!blocks) slowestMs = Math.max(slowestMs, performance.now() - diedAt);
}

/** The peer is a third thread, and blocks. It fails with the error that its call throws. */
async function blockInThread(handle: SharedHandle): Promise<void> {
  const { worker, ready, result } =
    handle.side === "reader"
      ? inThread("drain", { handle: handle as SharedHandle<"reader">, seed })
      : inThread("feed", { handle: handle as SharedHandle<"writer">, total: 2 ** 30, seed });
  await ready;
  try {
    await result;
  } finally {
    void worker.terminate(); // Not awaited: the test measures when the notification arrives.
  }
}

async function readAll(handle: SharedHandle<"reader">, pause: boolean): Promise<void> {
  const reader = attachReader(handle);
  const into = new Uint8Array(700);
  for (let at = 0; ; ) {
    const count = await reader.read(into);
    if (count === null) return;
    expectSequence(into.subarray(0, count), at);
    at += count;
    if (pause) await sleep(1);
  }
}

async function writeAll(handle: SharedHandle<"writer">, pause: boolean): Promise<void> {
  const writer = attachWriter(handle);
  for (let at = 0; ; ) {
    at += await writer.write(sequence(700, at));
    if (pause) await sleep(1);
  }
}

const lanes = Array.from({ length: 4 }, async (_, lane) => {
  for (let kill = lane; kill < kills; kill += 4) await killOne();
});
await Promise.all(lanes);
console.log(slowestMs);
