import { SharedCondition, SharedMutex, UnlockToken } from "@pipe512/core/shared";
import { rejection } from "@pipe512/testing/promises";
import { pending, settle } from "@pipe512/testing/turns";
import { describe, expect, test } from "vitest";
import { run } from "../support/child.ts";
import { newSeed } from "../support/random.ts";

/** The number of random schedules of one run. `npm run soak` plays 10,000. */
const SCHEDULES = Number(process.env["SCHEDULES"] ?? 100);

describe("threads that are terminated while they wait", () => {
  // Red when: an unlock wakes only one waiter, which may be dead, or a promise of a blocked thread; or notify() wakes only one parked thread.
  test(`leave no call waiting at a free mutex, and notify() right, in ${SCHEDULES} random schedules [SHARED-009]`, async () => {
    const seed = newSeed("schedules of locks");
    const { code, stderr } = await run("shared-locks.ts", [`${SCHEDULES}`, `${seed}`], 600_000);
    expect([code, stderr]).toEqual([0, ""]);
  }, 600_000);
});

describe("a token", () => {
  // Red when: a token counts as free while it awaits a lock.
  test("that awaits a lock cannot be given a second one [SHARED-009]", async () => {
    const [a, b, changed] = [new SharedMutex(), new SharedMutex(), new SharedCondition()];
    const holder = SharedMutex.lock(a);
    const token = new UnlockToken();
    const first = SharedMutex.lockAsync(a, token);
    expect(await rejection(SharedMutex.lockAsync(b, token))).toBeInstanceOf(TypeError);
    expect(() => SharedMutex.lock(b, token)).toThrow("it awaits a lock");
    expect(() => SharedCondition.wait(changed, token)).toThrow(TypeError);
    holder.unlock();
    expect((await first).locked).toBe(true);
    const waiting = SharedCondition.waitAsync(changed, token);
    expect(() => SharedMutex.lockIfAvailable(b, 0, token)).toThrow(TypeError);
    expect(await rejection(SharedCondition.waitAsync(changed, token))).toBeInstanceOf(TypeError);
    expect([token.locked, token.unlock()]).toEqual([false, false]);
    expect(SharedCondition.notify(changed)).toBe(1);
    await waiting;
    expect(token.unlock()).toBe(true);
    expect([a, b].map((mutex) => SharedMutex.lockIfAvailable(mutex, 0)?.unlock())).toEqual([true, true]);
  });
});

describe("signal and timeoutMs", () => {
  // Red when: an aborted call stays in the queue, or keeps its token; or the timeout or the signal is ignored.
  test("give up lockAsync() and lock(), and those behind get the lock [SHARED-009]", async () => {
    const mutex = new SharedMutex();
    const holder = SharedMutex.lock(mutex);
    const controller = new AbortController();
    const token = new UnlockToken();
    const aborted = rejection(SharedMutex.lockAsync(mutex, token, { signal: controller.signal }));
    const timed = rejection(SharedMutex.lockAsync(mutex, { timeoutMs: 1 }));
    const kept = SharedMutex.lockAsync(mutex);
    await settle();
    controller.abort("stop");
    expect(await aborted).toBe("stop");
    expect(await timed).toMatchObject({ name: "TimeoutError", code: "ERR_TIMEOUT" });
    expect(() => SharedMutex.lock(mutex, { timeoutMs: 1 })).toThrow("within 1 ms");
    expect(() => SharedMutex.lock(mutex, { signal: AbortSignal.abort(new Error("early")) })).toThrow("early");
    expect(await rejection(SharedMutex.lockAsync(mutex, { signal: {} as AbortSignal }))).toBeInstanceOf(
      TypeError,
    );
    expect(await rejection(SharedMutex.lockAsync(mutex, { timeoutMs: -1 }))).toBeInstanceOf(RangeError);
    expect(await pending(kept)).toBe(true);
    holder.unlock();
    (await kept).unlock();
    expect(SharedMutex.lock(mutex, token)).toBe(token);
  });

  // Red when: an aborted wait is still counted, or settles without the lock.
  test("give up waitAsync(), which holds the lock again [SHARED-009]", async () => {
    const [mutex, changed] = [new SharedMutex(), new SharedCondition()];
    const token = SharedMutex.lock(mutex);
    const controller = new AbortController();
    const aborted = rejection(SharedCondition.waitAsync(changed, token, { signal: controller.signal }));
    controller.abort("stop");
    expect(await aborted).toBe("stop");
    expect(token.locked).toBe(true);
    expect(await rejection(SharedCondition.waitAsync(changed, token, { timeoutMs: 1 }))).toMatchObject({
      code: "ERR_TIMEOUT",
    });
    expect([token.locked, SharedCondition.notify(changed)]).toEqual([true, 0]);
  });
});

describe("notify()", () => {
  // Red when: a call is counted only once it has parked, or a notification is detected by a change of the count.
  test("counts a call that has released its lock and has not parked yet, and wakes no other [SHARED-009]", async () => {
    const [mutex, changed] = [new SharedMutex(), new SharedCondition()];
    const sleeping = SharedCondition.waitAsync(changed, SharedMutex.lock(mutex));
    const { wait } = Atomics;
    const notified: number[] = [];
    // Simulates a thread that parks late: the notification comes first.
    Atomics.wait = ((...args: Parameters<typeof wait>) => {
      notified.push(SharedCondition.notify(changed, 1));
      return wait(...args);
    }) as typeof wait;
    try {
      const token = SharedMutex.lock(mutex);
      expect(SharedCondition.waitFor(changed, token, 20_000)).toBe(true);
      token.unlock();
    } finally {
      Atomics.wait = wait;
    }
    expect(notified).toEqual([1]);
    expect(await pending(sleeping)).toBe(true);
    expect(SharedCondition.notify(changed)).toBe(1);
    await sleeping;
  });

  // Red when: the count is not validated.
  test("throws for an invalid count [SHARED-009]", () => {
    const changed = new SharedCondition();
    for (const count of [-1, 1.5, Number.NaN])
      expect(() => SharedCondition.notify(changed, count)).toThrow(RangeError);
    expect(() => SharedCondition.notify(changed, "1" as never)).toThrow(TypeError);
  });
});
