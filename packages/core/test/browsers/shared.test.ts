import {
  attachReader,
  attachWriter,
  SharedCondition,
  type SharedHandle,
  SharedMutex,
  sharedPipe,
  supervise,
} from "@pipe512/core/shared";
import { expectSequence, sequence } from "@pipe512/testing/bytes";
import { rejection } from "@pipe512/testing/promises";
import { beforeEach, describe, expect, test } from "vitest";
import { LOCKS } from "../../src/shared/layout.ts";
import { drain } from "../support/drain.ts";
import { inWorker } from "./web-thread.ts";

const TOTAL = 100_003;
/** Waits until the worker holds its Web Lock, which the browser releases when the worker terminates. The shared memory counts these locks. */
async function attached({ buffer }: SharedHandle): Promise<void> {
  while (new Int32Array(buffer)[LOCKS] === 0) await new Promise((resolve) => setTimeout(resolve));
}

const hasSharedMemory = typeof SharedArrayBuffer !== "undefined";

describe("a browser without shared memory", () => {
  // Red when: a page without shared memory gets a ReferenceError.
  test("sharedPipe() names the headers that a page needs [SHARED-001]", ({ skip }) => {
    skip(hasSharedMemory, "this browser has shared memory");
    expect(() => sharedPipe()).toThrow(TypeError);
    expect(() => sharedPipe()).toThrow(
      /Cross-Origin-Opener-Policy: same-origin.*Cross-Origin-Embedder-Policy: require-corp/,
    );
    expect(() => new SharedMutex()).toThrow(/Cross-Origin-Opener-Policy: same-origin/);
  });
});

describe("threads of a browser", () => {
  beforeEach(({ skip }) => skip(!hasSharedMemory, "pages of WebKitGTK have no SharedArrayBuffer"));

  // Red when: the page is woken only once, or not at all, while it waits for a worker that blocks.
  test("the bytes of a worker that blocks arrive whole in a page that awaits [SHARED-001]", async () => {
    const { readerHandle, writerHandle } = sharedPipe();
    const fed = inWorker("feed", { handle: writerHandle, total: TOTAL, seed: 1 });
    const bytes = await drain(attachReader(readerHandle));
    expect(bytes).toHaveLength(TOTAL);
    expectSequence(bytes);
    expect(await fed.result).toBe(TOTAL);
  });

  // Red when: a worker that blocks is not woken by the page.
  test("the bytes of a page that awaits arrive whole in a worker that blocks [SHARED-001]", async () => {
    const { readerHandle, writerHandle } = sharedPipe();
    const drained = inWorker("drain", { handle: readerHandle, seed: 2 });
    const writer = attachWriter(writerHandle);
    for (let at = 0; at < TOTAL; ) at += await writer.write(sequence(Math.min(1033, TOTAL - at), at));
    writer.close();
    expect(await drained.result).toBe(TOTAL);
  });

  // Red when: either worker stays parked although it could make progress.
  test("two workers that block move bytes without the page [SHARED-001]", async () => {
    const { readerHandle, writerHandle } = sharedPipe();
    const drained = inWorker("drain", { handle: readerHandle, seed: 3 });
    const fed = inWorker("feed", { handle: writerHandle, total: TOTAL, seed: 4 });
    expect(await Promise.all([drained.result, fed.result])).toEqual([TOTAL, TOTAL]);
  });

  // Red when: linesSync() yields a line before its last byte has arrived.
  test("a worker parses by linesSync() what the page fetches [SHARED-001]", async () => {
    const { readerHandle, writerHandle } = sharedPipe();
    const { result } = inWorker("lines", { handle: readerHandle });
    const writer = attachWriter(writerHandle);
    const { body } = await fetch("data:text/plain,apples 3%0Apears 4%0Aapples 5");
    const source = (body as ReadableStream<Uint8Array>).getReader();
    for (let step = await source.read(); !step.done; step = await source.read())
      await writer.write(step.value);
    writer.close();
    expect(await result).toEqual(["apples 3", "pears 4", "apples 5"]);
  });

  // Red when: the call throws the platform's own error, or moves bytes before it throws.
  test("a call that blocks is a TypeError on a window, whose message names the call to use [SHARED-001]", async () => {
    const { readerHandle, writerHandle } = sharedPipe();
    const [reader, writer] = [attachReader(readerHandle), attachWriter(writerHandle)];
    const blocking = [
      [() => reader.readSync(new Uint8Array(1)), "await read()"],
      [() => reader.readFullSync(new Uint8Array(1)), "await read()"],
      [() => reader.readSync(new Uint8Array(1), { timeoutMs: 0 }), "await read()"],
      [() => writer.writeSync(sequence(5)), "await write()"],
    ] as const;
    for (const [call, instead] of blocking) {
      expect(call).toThrow(TypeError);
      expect(call).toThrow(instead);
    }
    expect(await writer.write(sequence(5))).toBe(5);
    expect(await reader.read(new Uint8Array(9))).toBe(5);
    // A misuse of linesSync() does not close the pipe, although an error inside its loop does.
    expect(() => reader.linesSync()).toThrow("lines(reader)");
    expect(await writer.write(sequence(5))).toBe(5);
  });

  // Red when: the call throws the platform's own error, or throws only when the lock is held; or a call that only tries the lock throws.
  test("a wait for a lock is a TypeError on a window, whose message names the call to use [SHARED-009]", async () => {
    const mutex = new SharedMutex();
    for (const call of [() => SharedMutex.lock(mutex), () => SharedMutex.lockIfAvailable(mutex, 1)]) {
      expect(call).toThrow(TypeError);
      expect(call).toThrow("await lockAsync()");
    }
    const token = SharedMutex.lockIfAvailable(mutex, 0);
    expect([token?.locked, SharedMutex.lockIfAvailable(mutex, 0)]).toEqual([true, null]);
    if (token === null) return;
    const condition = new SharedCondition();
    for (const call of [
      () => SharedCondition.wait(condition, token),
      () => SharedCondition.waitFor(condition, token, 1),
    ]) {
      expect(call).toThrow("await waitAsync()");
    }
    const waiting = SharedCondition.waitAsync(condition, token);
    expect(SharedCondition.notify(condition)).toBe(1);
    await waiting;
    expect(token.locked).toBe(true);
  });

  // Red when: the worker does not report the error that it throws, or its cause; or the report needs supervise().
  test("an error that a worker throws reaches the reader as the cause, after its bytes [SHARED-003]", async () => {
    const { readerHandle, writerHandle } = sharedPipe();
    const { worker, result } = inWorker("throwWithWriter", { handle: writerHandle });
    worker.addEventListener("error", (event) => event.preventDefault()); // Otherwise the browser prints the error.
    const failed = rejection(result); // The page receives the error event, too.
    const reader = attachReader(readerHandle);
    expect(await reader.read(new Uint8Array(9))).toBe(3);
    expect(await rejection(reader.read(new Uint8Array(9)))).toMatchObject({
      code: "ERR_ABANDONED_PIPE",
      side: "writer",
      cause: { name: "RangeError", message: "out of paper", code: "EPAPER" },
    });
    expect(String(await failed)).toContain("out of paper");
    worker.terminate(); // In a browser, an error does not end a worker.
  });

  // Red when: supervise() does not request the lock, or requests it before the worker holds it.
  test.for(["reader", "writer"] as const)(
    "a %s that waits rejects when Web Locks show that the other side's worker was terminated [SHARED-003]",
    async (side) => {
      const { readerHandle, writerHandle } = sharedPipe();
      const { worker, ready } = inWorker("hold", { handle: side === "reader" ? writerHandle : readerHandle });
      supervise(worker, side === "reader" ? writerHandle : readerHandle);
      await ready;
      await attached(readerHandle);
      const waiting =
        side === "reader"
          ? attachReader(readerHandle).read(new Uint8Array(1))
          : attachWriter(writerHandle).write(sequence(1033));
      const failed = rejection(waiting);
      worker.terminate();
      expect(await failed).toMatchObject({ name: "AbandonedPipeError", code: "ERR_ABANDONED_PIPE" });
    },
  );
});
