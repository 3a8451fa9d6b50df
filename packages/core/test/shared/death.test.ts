import { setTimeout as sleep } from "node:timers/promises";
import { attachReader, attachWriter, type SharedHandle, sharedPipe, supervise } from "@pipe512/core/shared";
import { expectSequence, sequence } from "@pipe512/testing/bytes";
import { rejection } from "@pipe512/testing/promises";
import { describe, expect, test } from "vitest";
import { run } from "../support/child.ts";
import { newSeed } from "../support/random.ts";
import { inThread } from "../support/thread.ts";
import { isAttached } from "./memory.ts";
import { READER_MUTEX, READER_SLEEPS, STATE, WRITER_MUTEX, WRITER_SLEEPS } from "../../src/shared/layout.ts";

/** Waits until a word of the memory is set. */
async function isSet({ buffer }: SharedHandle, word: number): Promise<void> {
  while (new Int32Array(buffer)[word] === 0) await sleep(1);
}

/** The number of threads that are killed. Continuous integration kills more. */
const KILLS = Number(process.env["KILLS"] ?? 100);

describe("a thread that dies", () => {
  // Red when: supervise() does not notify; wakes a thread but sets no state; or sets the state but wakes no thread.
  test(`leaves no call hanging, killed ${KILLS} times at random while it writes or reads [SHARED-003]`, async () => {
    const seed = newSeed("killed threads");
    // A separate process, because V8 may crash when hundreds of threads are killed in a thread of vitest.
    const { code, lines, stderr } = await run("shared-deaths.ts", [`${KILLS}`, `${seed}`], 600_000);
    expect([code, stderr]).toEqual([0, ""]);
    expect(Number(lines.at(-1))).toBeLessThan(1000); // 50 ms by the contract, with a margin for a busy machine; see the next test.
  }, 600_000);

  // Red when: the state is set one iteration of the event loop too late.
  test.for(["reader", "writer"] as const)(
    "rejects a %s that waits, in the same iteration of the event loop as the exit event [SHARED-003]",
    async (side) => {
      const { readerHandle, writerHandle } = sharedPipe();
      const { worker, ready } = inThread("hold", { handle: side === "reader" ? writerHandle : readerHandle });
      supervise(worker, side === "reader" ? writerHandle : readerHandle);
      await ready;
      await isAttached(side === "reader" ? writerHandle : readerHandle);
      const waiting =
        side === "reader"
          ? attachReader(readerHandle).read(new Uint8Array(1))
          : attachWriter(writerHandle).write(sequence(1033));
      let noticedAt = 0;
      worker.once("exit", () => {
        noticedAt = performance.now();
      });
      const failed = rejection(waiting);
      await worker.terminate();
      expect(await failed).toMatchObject({ name: "AbandonedPipeError" });
      expect(performance.now() - noticedAt).toBeLessThan(50);
    },
  );

  // Red when: the bytes that were published before the death are dropped.
  test("leaves the bytes that it had written [SHARED-003]", async () => {
    const { readerHandle, writerHandle } = sharedPipe();
    const { worker, ready } = inThread("feed", { handle: writerHandle, total: 10_000, seed: 3 });
    supervise(worker, writerHandle);
    await ready;
    await isAttached(writerHandle);
    const reader = attachReader(readerHandle);
    const into = new Uint8Array(1033);
    const first = (await reader.read(into)) as number;
    expectSequence(into.subarray(0, first));
    await worker.terminate();
    let at = first;
    const error = await rejection(
      (async () => {
        for (;;) {
          const count = (await reader.read(into)) as number;
          expectSequence(into.subarray(0, count), at);
          at += count;
        }
      })(),
    );
    expect(error).toMatchObject({
      code: "ERR_ABANDONED_PIPE",
      message: expect.stringMatching(/the thread of the (reader|writer) died/),
    });
    await reader.closed;
  });

  // Red when: stop() does not remove the listener; or a close before the death does not count.
  test("changes nothing once the watch is ended, or the end was closed [SHARED-003]", async () => {
    const { readerHandle, writerHandle } = sharedPipe();
    const { worker, ready } = inThread("hold", { handle: writerHandle });
    supervise(worker, writerHandle)();
    await ready;
    await isAttached(writerHandle);
    await worker.terminate();
    expect(attachReader(readerHandle).tryRead(new Uint8Array(1))).toBe(0);
    const closed = sharedPipe();
    const thread = inThread("feed", { handle: closed.writerHandle, total: 5, seed: 1 });
    supervise(thread.worker, closed.writerHandle);
    await thread.result;
    await thread.worker.terminate();
    const reader = attachReader(closed.readerHandle);
    expect(await reader.read(new Uint8Array(9))).toBe(5);
    expect(await reader.read(new Uint8Array(9))).toBe(null);
  });

  // Red when: the mutex of a dead thread stays locked for the writers that wait for it.
  test("leaves no other writer hanging that waits for its mutex [SHARED-003] [SHARED-006]", async () => {
    const { writerHandle } = sharedPipe({ writers: "many" });
    const { worker, ready } = inThread("feed", { handle: writerHandle, total: 10_000, seed: 3 });
    supervise(worker, writerHandle);
    await ready;
    await isAttached(writerHandle);
    await isSet(writerHandle, WRITER_MUTEX);
    const waiting = rejection(attachWriter(writerHandle).write(sequence(5)));
    const blocked = inThread("blockWriting", { handle: writerHandle });
    const told = rejection(blocked.result);
    await blocked.ready;
    await worker.terminate();
    expect(await waiting).toMatchObject({ code: "ERR_ABANDONED_PIPE", side: "writer" });
    expect(await told).toMatchObject({ code: "ERR_ABANDONED_PIPE" });
  });

  // Red when: the mutex of the readers is not released; the threads that share the side are not notified.
  test("leaves no other reader hanging that waits for its mutex, and no writer [SHARED-003] [SHARED-006]", async () => {
    const { readerHandle, writerHandle } = sharedPipe({ readers: "many" });
    const { worker, ready } = inThread("readFrames", { handle: readerHandle, size: 700 });
    supervise(worker, readerHandle);
    await ready;
    await isAttached(readerHandle);
    await isSet(readerHandle, READER_MUTEX);
    const waiting = rejection(attachReader(readerHandle).read(new Uint8Array(1)));
    const blocked = inThread("block", { handle: readerHandle });
    const told = rejection(blocked.result);
    await blocked.ready;
    const writer = attachWriter(writerHandle);
    await worker.terminate();
    expect(await waiting).toMatchObject({ code: "ERR_ABANDONED_PIPE", side: "reader" });
    expect(await told).toMatchObject({ code: "ERR_ABANDONED_PIPE" });
    expect(await rejection(writer.write(sequence(5)))).toMatchObject({
      code: "ERR_ABANDONED_PIPE",
      side: "reader",
    });
  });

  // Red when: the loss wakes only calls that wait by a promise.
  test.for(["block", "blockWriting"] as const)(
    "wakes a third thread that blocks: %s [SHARED-003]",
    async (survives) => {
      const { readerHandle, writerHandle } = sharedPipe();
      const isReader = survives === "block";
      const lost = isReader ? writerHandle : readerHandle;
      const survivor = isReader
        ? inThread("block", { handle: readerHandle })
        : inThread("blockWriting", { handle: writerHandle });
      const told = rejection(survivor.result);
      await survivor.ready;
      await isSet(lost, isReader ? READER_SLEEPS : WRITER_SLEEPS);
      const { worker, ready } = inThread("hold", { handle: lost });
      supervise(worker, lost);
      await ready;
      await isAttached(lost);
      await worker.terminate();
      expect(await told).toMatchObject({
        code: "ERR_ABANDONED_PIPE",
        message: expect.stringContaining(`the thread of the ${lost.side} died`),
      });
    },
  );

  // Red when: a thread that has called close() counts as closed while one of its writes is still pending.
  test("loses the end even after close(), while one of its writes waits [SHARED-003]", async () => {
    const { readerHandle, writerHandle } = sharedPipe();
    const { worker, ready } = inThread("closeEarly", { handle: writerHandle });
    supervise(worker, writerHandle);
    await ready;
    await isAttached(writerHandle);
    await isSet(writerHandle, STATE);
    await isSet(writerHandle, WRITER_SLEEPS);
    await worker.terminate();
    const reader = attachReader(readerHandle);
    const into = new Uint8Array(1033);
    expect(await reader.read(into)).toBe(512);
    expectSequence(into.subarray(0, 512));
    expect(await rejection(reader.read(into))).toMatchObject({ code: "ERR_ABANDONED_PIPE", side: "writer" });
  });

  // Red when: a pending flush, or `closed`, does not settle.
  test("rejects a flush that waits, and resolves `closed` [SHARED-003] [PIPE-014]", async () => {
    const { readerHandle, writerHandle } = sharedPipe();
    const { worker, ready } = inThread("hold", { handle: readerHandle });
    supervise(worker, readerHandle);
    await ready;
    await isAttached(readerHandle);
    const writer = attachWriter(writerHandle);
    writer.tryWrite(sequence(5));
    const failed = rejection(writer.flush());
    const { closed } = writer;
    await worker.terminate();
    expect(await failed).toMatchObject({ code: "ERR_ABANDONED_PIPE", operation: "flush" });
    await closed;
  });

  // Red when: only Node's event is observed; or the watch cannot be stopped.
  test("is detected by a web worker's close event until the watch is ended [SHARED-003]", async () => {
    const [lost, kept] = [sharedPipe(), sharedPipe()];
    attachWriter(lost.writerHandle);
    const worker = new EventTarget();
    supervise(worker, lost.writerHandle);
    supervise(worker, kept.readerHandle)();
    const reading = rejection(attachReader(lost.readerHandle).read(new Uint8Array(1)));
    worker.dispatchEvent(new Event("close"));
    expect(await reading).toMatchObject({ code: "ERR_ABANDONED_PIPE", side: "writer" });
    expect(attachWriter(kept.writerHandle).tryWrite(sequence(5))).toBe(5);
  });
});
