import { setTimeout as sleep } from "node:timers/promises";
import { attachReader, attachWriter, sharedPipe, supervise } from "@pipe512/core/shared";
import { expectSequence, sequence } from "@pipe512/testing/bytes";
import { rejection } from "@pipe512/testing/promises";
import { describe, expect, test } from "vitest";
import { run } from "../support/child.ts";
import { newSeed } from "../support/random.ts";
import { inThread } from "../support/thread.ts";

/** How many threads are killed. Continuous integration kills more. */
const KILLS = Number(process.env["KILLS"] ?? 200);

describe("a thread that dies", () => {
  // Red when: supervise() does not notify; wakes but sets no state; sets the state and wakes nobody.
  test(`leaves nobody hanging, killed ${KILLS} times at random while it writes or reads [SHARED-003]`, async () => {
    const seed = newSeed("killed threads");
    // In a process of its own: V8 may crash when hundreds of threads are killed in a thread of vitest.
    const { code, lines, stderr } = await run("shared-deaths.ts", [`${KILLS}`, `${seed}`], 600_000);
    expect([code, stderr]).toEqual([0, ""]);
    expect(Number(lines.at(-1))).toBeLessThan(1000); // 50 ms by the contract, with room for a busy machine; see the next test.
  }, 600_000);

  // Red when: the state is set a turn of the event loop too late.
  test.for(["reader", "writer"] as const)(
    "is told to a %s that waits in the turn of the notice [SHARED-003]",
    async (side) => {
      const { readerHandle, writerHandle } = sharedPipe();
      const { worker, ready } = inThread("hold", { handle: side === "reader" ? writerHandle : readerHandle });
      supervise(worker, side === "reader" ? writerHandle : readerHandle);
      await ready;
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
      message: expect.stringContaining("lost with its thread"),
    });
    await reader.closed;
  });

  // Red when: stop() does not take the listener away; a close before the death does not count.
  test("changes nothing once the watch is ended, or the end was closed [SHARED-003]", async () => {
    const { readerHandle, writerHandle } = sharedPipe();
    const { worker, ready } = inThread("hold", { handle: writerHandle });
    supervise(worker, writerHandle)();
    await ready;
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

  // Red when: the mutex of a dead thread stays locked for those that wait for it.
  test("leaves no other writer hanging that waits for its mutex [SHARED-003] [SHARED-006]", async () => {
    const { writerHandle } = sharedPipe({ writers: "many" });
    const { worker, ready } = inThread("feed", { handle: writerHandle, total: 10_000, seed: 3 });
    supervise(worker, writerHandle);
    await ready;
    while (new Int32Array(writerHandle.buffer)[48] === 0) await sleep(1);
    const waiting = rejection(attachWriter(writerHandle).write(sequence(5)));
    await worker.terminate();
    expect(await waiting).toMatchObject({ code: "ERR_ABANDONED_PIPE", side: "writer" });
  });
});
