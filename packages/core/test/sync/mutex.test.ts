import { getEventListeners } from "node:events";
import { Mutex } from "@pipe512/core/sync";
import { rejection, watch } from "@pipe512/testing/promises";
import { settle } from "@pipe512/testing/turns";
import { describe, expect, test } from "vitest";

describe("lock()", () => {
  // Red when: unlock() resumes all waiters.
  test("Mutex.lock() gives the lock to one call at a time, in call order [PIPE-080]", async () => {
    const mutex = new Mutex();
    const order: string[] = [];
    let inside = 0;
    const work = async (name: string): Promise<void> => {
      const guard = await mutex.lock();
      order.push(name);
      expect(++inside).toBe(1);
      await settle(1);
      inside--;
      guard.unlock();
    };
    await Promise.all(["a", "b", "c", "d"].map(work));
    expect(order).toEqual(["a", "b", "c", "d"]);
    expect(mutex.locked).toBe(false);
  });

  // Red when: unlock() frees the lock for the next caller instead of the first waiter.
  test("Mutex.lock() is not overtaken by a call that arrives while the lock changes hands [PIPE-080]", async () => {
    const mutex = new Mutex();
    const first = await mutex.lock();
    const order: string[] = [];
    const waiting = mutex.lock().then((guard) => {
      order.push("waited");
      guard.unlock();
    });
    first.unlock();
    expect(mutex.tryLock()).toBe(null);
    const late = mutex.lock().then((guard) => {
      order.push("late");
      guard.unlock();
    });
    await Promise.all([waiting, late]);
    expect(order).toEqual(["waited", "late"]);
  });

  // Red when: unlock() resumes all waiters.
  test("Mutex.lock() waits for every earlier call [PIPE-080]", async () => {
    const mutex = new Mutex();
    const held = await mutex.lock();
    const [second, third] = [watch(mutex.lock()), watch(mutex.lock())];
    held.unlock();
    await settle();
    expect([second.state, third.state]).toEqual(["fulfilled", "pending"]);
    second.value?.unlock();
    await settle();
    expect(third.state).toBe("fulfilled");
  });
});

describe("the guard", () => {
  // Red when: a second unlock() of a guard has an effect.
  test("Guard.unlock() is one-shot: a second call does not take the lock from the next holder [PIPE-080]", async () => {
    const mutex = new Mutex();
    const first = await mutex.lock();
    const waiting = mutex.lock();
    const third = watch(mutex.lock());
    first.unlock();
    const second = await waiting;
    first.unlock();
    first[Symbol.dispose]();
    await settle();
    expect([third.state, mutex.locked, first.held, second.held]).toEqual(["pending", true, false, true]);
    second.unlock();
    await settle();
    expect(third.state).toBe("fulfilled");
  });

  // Red when: `using` does not release the lock.
  test("Guard is unlocked by `using` [PIPE-080]", async ({ skip }) => {
    skip(!("dispose" in Symbol), "there is no Symbol.dispose here");
    const mutex = new Mutex();
    {
      using guard = await mutex.lock();
      expect([guard.held, mutex.locked]).toEqual([true, true]);
    }
    expect(mutex.locked).toBe(false);
  });
});

describe("tryLock()", () => {
  // Red when: tryLock() returns a guard although the lock is held.
  test("Mutex.tryLock() returns a guard, or null while the lock is held [PIPE-080]", async () => {
    const mutex = new Mutex();
    const guard = mutex.tryLock();
    expect(guard?.held).toBe(true);
    expect(mutex.tryLock()).toBe(null);
    const waiting = mutex.lock();
    guard?.unlock();
    expect(mutex.tryLock()).toBe(null);
    (await waiting).unlock();
    const again = mutex.tryLock();
    expect(again).not.toBe(null);
    again?.unlock();
  });
});

describe("cancelling", () => {
  // Red when: a waiter that was aborted stays in the queue and gets the lock.
  test("Mutex.lock() that is aborted rejects at once and never gets the lock [PIPE-080]", async () => {
    const mutex = new Mutex();
    const held = await mutex.lock();
    const controller = new AbortController();
    const aborted = rejection(mutex.lock({ signal: controller.signal }));
    const next = watch(mutex.lock());
    controller.abort("stop");
    expect(await aborted).toBe("stop");
    held.unlock();
    await settle();
    expect(next.state).toBe("fulfilled");
    next.value?.unlock();
    expect(mutex.locked).toBe(false);
  });

  // Red when: an abort resumes the next waiter.
  test("Mutex.lock() that is aborted neither wakes nor reorders those that wait [PIPE-080]", async () => {
    const mutex = new Mutex();
    const held = await mutex.lock();
    const controllers = [1, 2, 3, 4, 5].map(() => new AbortController());
    const waiting = controllers.map(({ signal }) => watch(mutex.lock({ signal })));
    for (const index of [1, 2, 4]) controllers[index]?.abort(index);
    await settle();
    expect(waiting.map(({ state }) => state)).toEqual([
      "pending",
      "rejected",
      "rejected",
      "pending",
      "rejected",
    ]);
    held.unlock();
    await settle();
    expect([waiting[0]?.state, waiting[3]?.state]).toEqual(["fulfilled", "pending"]);
    waiting[0]?.value?.unlock();
    await settle();
    expect(waiting[3]?.state).toBe("fulfilled");
    waiting[3]?.value?.unlock();
    expect(mutex.locked).toBe(false);
  });

  // Red when: an abort takes the lock from its holder.
  test("Mutex.lock() that has the lock keeps it when the abort comes after, in the same task [PIPE-080]", async () => {
    const mutex = new Mutex();
    const held = await mutex.lock();
    const controller = new AbortController();
    const waiting = mutex.lock({ signal: controller.signal });
    held.unlock();
    controller.abort("late");
    const guard = await waiting;
    expect(guard.held).toBe(true);
    guard.unlock();
    expect(mutex.locked).toBe(false);
  });

  // Red when: the signal is not checked when the lock is free.
  test("Mutex.lock() given an aborted signal rejects, and the lock stays free [PIPE-080]", async () => {
    const mutex = new Mutex();
    for (const reason of ["stop", 0, null]) {
      expect(await rejection(mutex.lock({ signal: AbortSignal.abort(reason) }))).toBe(reason);
    }
    expect(mutex.locked).toBe(false);
    await expect(mutex.lock({ signal: {} as never })).rejects.toBeInstanceOf(TypeError);
    expect(mutex.tryLock()).not.toBe(null);
  });

  // Red when: a waiter that has the lock does not remove its listener.
  test("Mutex.lock() leaves no listener on its signal [PIPE-032] [PIPE-080]", async () => {
    const mutex = new Mutex();
    const controller = new AbortController();
    const { signal } = controller;
    for (let count = 0; count < 1000; count++) {
      const [first, second] = [mutex.lock({ signal }), mutex.lock({ signal })];
      (await first).unlock();
      (await second).unlock();
    }
    expect(getEventListeners(signal, "abort")).toHaveLength(0);
    const held = await mutex.lock();
    const aborted = rejection(mutex.lock({ signal }));
    controller.abort("stop");
    await aborted;
    held.unlock();
    expect(getEventListeners(signal, "abort")).toHaveLength(0);
  });

  // Red when: an abort resumes the next waiter.
  test("Mutex.lock() may be aborted, and the lock released, from an abort listener [PIPE-080]", async () => {
    const mutex = new Mutex();
    const held = await mutex.lock();
    const [first, second] = [new AbortController(), new AbortController()];
    first.signal.addEventListener("abort", () => {
      second.abort("second");
      held.unlock();
    });
    const waiting = [first, second].map(({ signal }) => watch(mutex.lock({ signal })));
    const last = watch(mutex.lock());
    first.abort("first");
    await settle();
    // The listener that unlocks runs before or after the mutex's own listener; in both cases the holder passes the lock on.
    const holders = [...waiting, last].filter(({ state }) => state === "fulfilled");
    expect(holders).toHaveLength(1);
    holders[0]?.value?.unlock();
    await settle();
    expect(last.state).toBe("fulfilled");
    expect(waiting[1]).toMatchObject({ state: "rejected", reason: "second" });
  });
});
