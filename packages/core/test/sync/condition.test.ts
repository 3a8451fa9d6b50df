import { getEventListeners } from "node:events";
import { Condition, type Guard, Mutex } from "@pipe512/core/sync";
import { rejection, watch } from "@pipe512/testing/promises";
import { settle } from "@pipe512/testing/turns";
import { describe, expect, test } from "vitest";

/** Locks, waits once, and reports the wake-up: a waiting thread of a textbook. */
async function waiter(mutex: Mutex, condition: Condition, onWake: (guard: Guard) => void): Promise<void> {
  const guard = await mutex.lock();
  await condition.wait(guard);
  onWake(guard);
  guard.unlock();
}

describe("wait()", () => {
  // Red when: wait() keeps the lock while it waits.
  test("Condition.wait() releases the lock while it waits, and holds it again when it settles [PIPE-081]", async () => {
    const [mutex, condition] = [new Mutex(), new Condition()];
    const guard = await mutex.lock();
    const waiting = watch(condition.wait(guard));
    expect([guard.held, mutex.locked]).toEqual([false, false]);
    const other = await mutex.lock();
    condition.notify();
    await settle();
    expect([waiting.state, guard.held]).toEqual(["pending", false]);
    other.unlock();
    await settle();
    expect([waiting.state, guard.held, mutex.locked]).toEqual(["fulfilled", true, true]);
    guard.unlock();
    expect(mutex.locked).toBe(false);
  });

  // Red when: wait() settles at any unlock, even without a notification.
  test("Condition.wait() waits until it is notified, even if the lock changes hands before [PIPE-081]", async () => {
    const [mutex, condition] = [new Mutex(), new Condition()];
    const guard = await mutex.lock();
    const waiting = watch(condition.wait(guard));
    for (let count = 0; count < 3; count++) (await mutex.lock()).unlock();
    await settle();
    expect(waiting.state).toBe("pending");
  });

  // Red when: wait() does not check whether the guard holds its lock.
  test("Condition.wait() rejects with a TypeError when the guard does not hold its lock [PIPE-081]", async () => {
    const [mutex, condition] = [new Mutex(), new Condition()];
    const guard = await mutex.lock();
    guard.unlock();
    await expect(condition.wait(guard)).rejects.toBeInstanceOf(TypeError);
    const held = await mutex.lock();
    const waiting = watch(condition.wait(held));
    await expect(condition.wait(held)).rejects.toBeInstanceOf(TypeError);
    condition.notify();
    await settle();
    expect(waiting.state).toBe("fulfilled");
  });

  // Red when: a second unlock() of a guard has an effect.
  test("Guard.unlock() does nothing while its owner waits [PIPE-080] [PIPE-081]", async () => {
    const [mutex, condition] = [new Mutex(), new Condition()];
    const guard = await mutex.lock();
    const waiting = watch(condition.wait(guard));
    const other = await mutex.lock();
    guard.unlock();
    expect([other.held, mutex.locked]).toEqual([true, true]);
    condition.notify();
    other.unlock();
    await settle();
    expect([waiting.state, guard.held]).toEqual(["fulfilled", true]);
  });
});

describe("notify()", () => {
  // Red when: notify() wakes the newest waiter.
  test("Condition.notify() wakes only the call that has waited longest [PIPE-081]", async () => {
    const [mutex, condition] = [new Mutex(), new Condition()];
    const order: string[] = [];
    const all = ["a", "b", "c"].map((name) => waiter(mutex, condition, () => order.push(name)));
    await settle();
    for (const expected of [["a"], ["a", "b"], ["a", "b", "c"]]) {
      condition.notify();
      await settle();
      expect(order).toEqual(expected);
    }
    await Promise.all(all);
  });

  // Red when: a notification is kept for a later call.
  test("Condition.notify() and notifyAll() wake no call when none waits [PIPE-081]", async () => {
    const [mutex, condition] = [new Mutex(), new Condition()];
    condition.notify();
    condition.notifyAll();
    const waiting = watch(condition.wait(await mutex.lock()));
    await settle();
    expect(waiting.state).toBe("pending");
  });

  // Red when: two notifications in one task wake one call.
  test("Condition.notify() is not lost when it is called twice in one task [PIPE-081]", async () => {
    const [mutex, condition] = [new Mutex(), new Condition()];
    let woken = 0;
    const all = [1, 2, 3].map(() => waiter(mutex, condition, () => woken++));
    await settle();
    const guard = await mutex.lock();
    condition.notify();
    condition.notify();
    guard.unlock();
    await settle();
    expect(woken).toBe(2);
    condition.notify();
    await Promise.all(all);
  });

  // Red when: a notification takes effect later, for the call that is then the oldest waiter.
  test("Condition.notify() is not stolen by a later call [PIPE-081]", async () => {
    const [mutex, condition] = [new Mutex(), new Condition()];
    const early = await mutex.lock();
    const first = watch(condition.wait(early));
    const late = await mutex.lock();
    condition.notify();
    const second = watch(condition.wait(late));
    await settle();
    expect([first.state, second.state]).toEqual(["fulfilled", "pending"]);
  });

  // Red when: a woken call goes before the calls that already wait for the lock.
  test("Condition.notify() queues the woken calls behind those that already wait for the lock [PIPE-080] [PIPE-081]", async () => {
    const [mutex, condition] = [new Mutex(), new Condition()];
    const order: string[] = [];
    void waiter(mutex, condition, () => order.push("woken"));
    await settle();
    const guard = await mutex.lock();
    const locking = mutex.lock().then((other) => {
      order.push("locked");
      other.unlock();
    });
    condition.notify();
    guard.unlock();
    await locking;
    await settle();
    expect(order).toEqual(["locked", "woken"]);
  });
});

describe("notifyAll()", () => {
  // Red when: notifyAll() wakes only one waiter.
  test("Condition.notifyAll() wakes all that wait, in call order [PIPE-081]", async () => {
    const [mutex, condition] = [new Mutex(), new Condition()];
    const order: string[] = [];
    let inside = 0;
    const all = ["a", "b", "c", "d"].map((name) =>
      waiter(mutex, condition, () => {
        order.push(name);
        expect(++inside).toBe(1);
        inside--;
      }),
    );
    await settle();
    condition.notifyAll();
    await Promise.all(all);
    expect(order).toEqual(["a", "b", "c", "d"]);
    expect(mutex.locked).toBe(false);
  });

  // Red when: notifyAll() also wakes calls that wait again meanwhile.
  test("Condition.notifyAll() does not wake a call that waits again [PIPE-081]", async () => {
    const [mutex, condition] = [new Mutex(), new Condition()];
    let woken = 0;
    const again = async (): Promise<void> => {
      const guard = await mutex.lock();
      for (;;) {
        await condition.wait(guard);
        woken++;
      }
    };
    void again();
    void again();
    await settle();
    condition.notifyAll();
    await settle();
    expect(woken).toBe(2);
    condition.notifyAll();
    await settle();
    expect(woken).toBe(4);
  });
});

describe("cancelling", () => {
  // Red when: an aborted wait() rejects without the lock.
  test("Condition.wait() that is aborted rejects with the reason, holding the lock again [PIPE-081]", async () => {
    const [mutex, condition] = [new Mutex(), new Condition()];
    const controller = new AbortController();
    const guard = await mutex.lock();
    const waiting = watch(condition.wait(guard, { signal: controller.signal }));
    const other = await mutex.lock();
    controller.abort("stop");
    await settle();
    expect([waiting.state, guard.held]).toEqual(["pending", false]);
    other.unlock();
    await settle();
    expect(waiting).toMatchObject({ state: "rejected", reason: "stop" });
    expect([guard.held, mutex.locked]).toEqual([true, true]);
    guard.unlock();
    expect(mutex.locked).toBe(false);
    expect(getEventListeners(controller.signal, "abort")).toHaveLength(0);
  });

  // Red when: an aborted waiter takes the next notification.
  test("Condition.notify() wakes the next call when the first was aborted [PIPE-081]", async () => {
    const [mutex, condition] = [new Mutex(), new Condition()];
    const controller = new AbortController();
    const first = await mutex.lock();
    const left = watch(condition.wait(first, { signal: controller.signal }));
    const next = watch(condition.wait(await mutex.lock()));
    controller.abort("stop");
    await settle();
    expect([left.state, next.state]).toEqual(["rejected", "pending"]);
    first.unlock();
    condition.notify();
    await settle();
    expect(next.state).toBe("fulfilled");
  });

  // Red when: an abort discards the notification that came before it.
  test("Condition.notify() is not lost with an abort that comes after it, in the same task [PIPE-081]", async () => {
    const [mutex, condition] = [new Mutex(), new Condition()];
    const controller = new AbortController();
    const guard = await mutex.lock();
    const first = watch(condition.wait(guard, { signal: controller.signal }));
    const second = watch(condition.wait(await mutex.lock()));
    condition.notify();
    controller.abort("late");
    await settle();
    expect([first.state, second.state]).toEqual(["fulfilled", "pending"]);
  });

  // Red when: an aborted signal is checked only after the lock is released.
  test("Condition.wait() given an aborted signal rejects at once and keeps the lock [PIPE-081]", async () => {
    const [mutex, condition] = [new Mutex(), new Condition()];
    const guard = await mutex.lock();
    expect(await rejection(condition.wait(guard, { signal: AbortSignal.abort(0) }))).toBe(0);
    expect([guard.held, mutex.tryLock()]).toEqual([true, null]);
    await expect(condition.wait(guard, { signal: 1 as never })).rejects.toBeInstanceOf(TypeError);
    expect(guard.held).toBe(true);
  });

  // Red when: a notified wait does not remove its listener.
  test("Condition.wait() leaves no listener on its signal [PIPE-032] [PIPE-081]", async () => {
    const [mutex, condition] = [new Mutex(), new Condition()];
    const { signal } = new AbortController();
    for (let count = 0; count < 1000; count++) {
      const guard = await mutex.lock();
      const waiting = condition.wait(guard, { signal });
      condition.notify();
      await waiting;
      guard.unlock();
    }
    expect(getEventListeners(signal, "abort")).toHaveLength(0);
  });
});

// The standard use of a mutex and conditions together: a bounded queue.
// Red when: wait() keeps the lock while it waits.
test("Mutex and Condition make a bounded queue that loses and duplicates no item [PIPE-080] [PIPE-081]", async () => {
  const mutex = new Mutex();
  const [notFull, notEmpty] = [new Condition(), new Condition()];
  const queue: number[] = [];
  const taken: number[] = [];
  const produce = async (from: number): Promise<void> => {
    for (let item = from; item < from + 100; item++) {
      const guard = await mutex.lock();
      while (queue.length === 3) await notFull.wait(guard);
      queue.push(item);
      notEmpty.notify();
      guard.unlock();
    }
  };
  const consume = async (): Promise<void> => {
    for (let count = 0; count < 100; count++) {
      const guard = await mutex.lock();
      while (queue.length === 0) await notEmpty.wait(guard);
      taken.push(queue.shift() as number);
      expect(queue.length).toBeLessThanOrEqual(3);
      notFull.notify();
      guard.unlock();
    }
  };
  await Promise.all([produce(0), consume(), produce(100), consume(), consume(), produce(200)]);
  expect(taken.toSorted((a, b) => a - b)).toEqual([...Array(300).keys()]);
});

describe("waitFor() and notify(count)", () => {
  // Red when: the predicate is called without the lock, is not called again after a notification, or is not called before the wait.
  test("Condition.waitFor() waits until its predicate is true, with the lock held [IO-011]", async () => {
    const [mutex, condition] = [new Mutex(), new Condition()];
    const guard = await mutex.lock();
    let value = 0;
    const held: boolean[] = [];
    const waiting = watch(
      condition.waitFor(guard, () => {
        held.push(mutex.locked);
        return value === 2;
      }),
    );
    for (const next of [1, 2]) {
      await settle();
      expect([waiting.state, mutex.locked]).toEqual(["pending", false]);
      value = next;
      condition.notify();
    }
    await settle();
    expect([waiting.state, guard.held]).toEqual(["fulfilled", true]);
    expect(held.every(Boolean)).toBe(true);
    await condition.waitFor(guard, () => true);
    expect(guard.held).toBe(true);
  });

  // Red when: the signal is ignored; the predicate's error is lost; or the lock is not held after it.
  test("Condition.waitFor() rejects with the abort reason and with what the predicate throws, with the lock held [IO-011]", async () => {
    const [mutex, condition] = [new Mutex(), new Condition()];
    const guard = await mutex.lock();
    const controller = new AbortController();
    const aborted = rejection(condition.waitFor(guard, () => false, { signal: controller.signal }));
    await settle();
    controller.abort("stop");
    expect(await aborted).toBe("stop");
    const fail = () => {
      throw new Error("no answer");
    };
    expect(await rejection(condition.waitFor(guard, fail))).toMatchObject({ message: "no answer" });
    const early = { signal: AbortSignal.abort("early") };
    expect(await rejection(condition.waitFor(guard, () => true, early))).toBe("early");
    expect(guard.held).toBe(true);
    expect(await rejection(condition.waitFor(guard, 5 as never))).toMatchObject({
      message: "predicate must be a function; got 5",
    });
    guard.unlock();
    expect(await rejection(condition.waitFor(guard, () => true))).toBeInstanceOf(TypeError);
  });

  // Red when: the number of woken calls differs from the result; the default is not 1; or the count is not validated.
  test("Condition.notify() wakes up to `count` calls, and returns how many [IO-011]", async () => {
    const [mutex, condition] = [new Mutex(), new Condition()];
    let woken = 0;
    const waiters = [1, 2, 3, 4].map(() => waiter(mutex, condition, () => (woken += 1)));
    await settle();
    expect([condition.notify(0), condition.notify(), condition.notify(2)]).toEqual([0, 1, 2]);
    await settle();
    expect([woken, condition.notify(5), condition.notify(), condition.notifyAll()]).toEqual([3, 1, 0, 0]);
    await Promise.all(waiters);
    for (const count of [-1, 1.5, Number.NaN]) {
      expect(() => condition.notify(count)).toThrow(RangeError);
      expect(() => condition.notify(count)).toThrow(/^count must be an integer of at least 0; got /);
    }
    expect(() => condition.notify("1" as never)).toThrow(TypeError);
  });
});
