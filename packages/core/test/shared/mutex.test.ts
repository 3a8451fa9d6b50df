import { setTimeout as sleep } from "node:timers/promises";
import { SharedCondition, SharedMutex, UnlockToken } from "@pipe512/core/shared";
import { expectSequence } from "@pipe512/testing/bytes";
import { rejection } from "@pipe512/testing/promises";
import { pending } from "@pipe512/testing/turns";
import { describe, expect, test } from "vitest";
import { random } from "../support/random.ts";
import { inThread } from "../support/thread.ts";
import { TextbookPipe, textbookMemory } from "./textbook.ts";

describe("SharedMutex", () => {
  // Red when: two threads hold the mutex; an unlock wakes no parked thread.
  test("lock() and lockAsync() give the lock to one thread at a time [SHARED-009] [SHARED-006]", async () => {
    const mutex = new SharedMutex();
    const cell = new SharedArrayBuffer(8);
    const threads = [1, 2, 3].map(() => inThread("add", { mutex, cell, rounds: 2000 }));
    await Promise.all(threads.map(({ result }) => result));
    expect(new Int32Array(cell)[0]).toBe(6000);
  });

  // Red when: lockAsync() does not wait; or a token is returned twice.
  test("lockAsync() waits until the lock is open, without blocking the thread [SHARED-009]", async () => {
    const mutex = new SharedMutex();
    const token = SharedMutex.lock(mutex);
    expect([token.locked, SharedMutex.lockIfAvailable(mutex, 0)]).toEqual([true, null]);
    const first = SharedMutex.lockAsync(mutex);
    expect(await pending(first)).toBe(true);
    expect([token.unlock(), token.locked, token.unlock()]).toEqual([true, false, false]);
    expect((await first).locked).toBe(true);
    (await first)[Symbol.dispose]();
    expect(SharedMutex.lock(mutex, token)).toBe(token);
  });

  // Red when: the timeout is ignored; or another token is returned than the one that was passed.
  test("lockIfAvailable() returns null after its timeout, and otherwise the token that was passed [SHARED-009]", () => {
    const mutex = new SharedMutex();
    const token = new UnlockToken();
    expect(token.locked).toBe(false);
    expect(SharedMutex.lockIfAvailable(mutex, 5, token)).toBe(token);
    expect(token.locked).toBe(true);
    expect(SharedMutex.lockIfAvailable(mutex, 2)).toBe(null);
    for (const timeoutMs of [Number.NaN, -1, "1", null]) {
      expect(() => SharedMutex.lockIfAvailable(mutex, timeoutMs as number)).toThrow(RangeError);
    }
  });

  // Red when: a token that holds a lock counts as free; or a place is used before it is validated.
  test("every method throws for a place that is not in shared memory, and for a token in the wrong state [SHARED-009]", async () => {
    const mutex = new SharedMutex();
    const token = SharedMutex.lock(mutex);
    const free = new UnlockToken();
    expect(() => SharedMutex.lock(new SharedMutex(), token)).toThrow("unlock it first");
    expect(() => SharedMutex.lockIfAvailable(new SharedMutex(), 0, token)).toThrow("unlock it first");
    expect(await rejection(SharedMutex.lockAsync(new SharedMutex(), token))).toBeInstanceOf(TypeError);
    const condition = new SharedCondition();
    expect(() => SharedCondition.wait(condition, free)).toThrow("lock the mutex first");
    expect(() => SharedCondition.waitFor(condition, free, 1)).toThrow("lock the mutex first");
    expect(await rejection(SharedCondition.waitAsync(condition, free))).toBeInstanceOf(TypeError);
    for (const place of [undefined, {}, { buffer: new ArrayBuffer(4), byteOffset: 0 }] as never[]) {
      expect(() => SharedMutex.lock(place)).toThrow(TypeError);
      expect(() => SharedMutex.lockIfAvailable(place, 0)).toThrow(TypeError);
      expect(await rejection(SharedMutex.lockAsync(place))).toBeInstanceOf(TypeError);
      expect(() => SharedCondition.wait(place, token)).toThrow(TypeError);
      expect(() => SharedCondition.waitFor(place, token, 1)).toThrow(TypeError);
      expect(await rejection(SharedCondition.waitAsync(place, token))).toBeInstanceOf(TypeError);
      expect(() => SharedCondition.notify(place)).toThrow(
        /^place must be a mutex, a condition or { buffer, byteOffset } of a SharedArrayBuffer; got /,
      );
    }
    for (const Kind of [SharedMutex, SharedCondition]) {
      for (const byteOffset of [2, 8]) {
        expect(() => new Kind({ buffer: new SharedArrayBuffer(8), byteOffset })).toThrow(RangeError);
      }
    }
    expect(token.locked).toBe(true);
  });

  // Red when: a page without shared memory gets a ReferenceError.
  test("new SharedMutex() and new SharedCondition() without shared memory name the headers that a page needs [SHARED-009]", () => {
    const { SharedArrayBuffer } = globalThis;
    try {
      Reflect.deleteProperty(globalThis, "SharedArrayBuffer");
      for (const Kind of [SharedMutex, SharedCondition]) {
        expect(() => new Kind()).toThrow(TypeError);
        expect(() => new Kind()).toThrow(/Cross-Origin-Opener-Policy.*Cross-Origin-Embedder-Policy/);
      }
    } finally {
      globalThis.SharedArrayBuffer = SharedArrayBuffer;
    }
  });

  // Red when: the token is not disposable, or disposing it does not release the lock.
  test("UnlockToken opens the lock at the end of a block that uses it [SHARED-009]", () => {
    const mutex = new SharedMutex();
    {
      using token = SharedMutex.lock(mutex);
      expect([token.locked, SharedMutex.lockIfAvailable(mutex, 0)]).toEqual([true, null]);
    }
    expect(SharedMutex.lockIfAvailable(mutex, 0)?.locked).toBe(true);
  });

  // Red when: the place is not stored in own fields, so that cloning loses it.
  test("a clone works like the mutex: it is made from, and sent as, { buffer, byteOffset } [SHARED-009]", () => {
    const mutex = new SharedMutex({ buffer: new SharedArrayBuffer(8), byteOffset: 4 });
    const clone = structuredClone(mutex);
    expect(clone).toEqual({ buffer: expect.any(SharedArrayBuffer), byteOffset: 4 });
    const token = SharedMutex.lock(mutex);
    expect(SharedMutex.lockIfAvailable(clone, 0)).toBe(null);
    token.unlock();
    expect(SharedMutex.lockIfAvailable(clone, 0)).toBeInstanceOf(UnlockToken);
  });
});

describe("SharedCondition", () => {
  // Red when: the place is not stored in own fields, so that cloning loses it.
  test("a clone works like the condition: it is made from, and sent as, { buffer, byteOffset } [SHARED-009]", async () => {
    const condition = new SharedCondition({ buffer: new SharedArrayBuffer(8), byteOffset: 4 });
    const clone = structuredClone(condition);
    expect(clone).toEqual({ buffer: expect.any(SharedArrayBuffer), byteOffset: 4 });
    const token = SharedMutex.lock(new SharedMutex());
    const waiting = SharedCondition.waitAsync(condition, token);
    expect(SharedCondition.notify(clone)).toBe(1);
    await waiting;
  });

  // Red when: a call beyond the capacity of the counter is counted, and changes the number of notified calls.
  test("waitAsync() rejects where 4,095 calls wait already, and keeps the lock [SHARED-009]", async () => {
    const [mutex, condition] = [new SharedMutex(), new SharedCondition()];
    new Int32Array(condition.buffer)[0] = 4095;
    const token = SharedMutex.lock(mutex);
    expect(await rejection(SharedCondition.waitAsync(condition, token))).toBeInstanceOf(RangeError);
    expect([token.locked, new Int32Array(condition.buffer)[0]]).toEqual([true, 4095]);
  });

  // Red when: the count is not passed on; or the default is not all.
  test("notify() wakes `count` calls, all by default, and returns how many it woke [SHARED-009]", async () => {
    const condition = new SharedCondition();
    const waiting = Array.from({ length: 4 }, () =>
      SharedCondition.waitAsync(condition, SharedMutex.lock(new SharedMutex())),
    );
    expect(SharedCondition.notify(condition, 0)).toBe(0);
    expect(SharedCondition.notify(condition, 1)).toBe(1);
    await waiting[0];
    expect(await pending(Promise.race(waiting.slice(1)))).toBe(true);
    expect(SharedCondition.notify(condition)).toBe(3);
    await Promise.all(waiting);
  });

  // Red when: the predicate is called without the lock, or not again after an early notification.
  test("waitFor() waits until its predicate is true, however often it is notified before [SHARED-009]", async () => {
    const place = {
      mutex: new SharedMutex(),
      changed: new SharedCondition(),
      cell: new SharedArrayBuffer(8),
    };
    const [value, begun] = [0, 1];
    const number = new Int32Array(place.cell);
    const { result } = inThread("waitUntil", { ...place, wanted: 3 });
    while (Atomics.load(number, begun) === 0) await sleep(1);
    for (let count = 1; count <= 3; count += 1) {
      const token = await SharedMutex.lockAsync(place.mutex); // The lock becomes free once the thread has parked.
      number[value] = count;
      token.unlock();
      SharedCondition.notify(place.changed);
      await sleep(1);
    }
    expect(await result).toBe(3);
  });

  // Red when: the lock is released while the predicate runs, or is not held after the predicate has thrown.
  test("waitFor() calls its predicate with the lock held, and rethrows what it throws [SHARED-009]", () => {
    const mutex = new SharedMutex();
    const token = SharedMutex.lock(mutex);
    const asked: unknown[] = [];
    const ask = () => {
      asked.push(token.locked, SharedMutex.lockIfAvailable(mutex, 0));
      return asked.length > 2;
    };
    expect(SharedCondition.waitFor(new SharedCondition(), token, 1, ask)).toBe(true);
    expect(asked).toEqual([true, null, true, null]);
    const fail = () => {
      throw new Error("no answer");
    };
    expect(() => SharedCondition.waitFor(new SharedCondition(), token, 1, fail)).toThrow("no answer");
    expect(token.locked).toBe(true);
    for (const timeoutMs of [Number.NaN, -1, "1", null]) {
      expect(() => SharedCondition.waitFor(new SharedCondition(), token, timeoutMs as number)).toThrow(
        RangeError,
      );
    }
    expect(token.locked).toBe(true);
  });

  // Red when: notify() does not count, so that a notification between the unlock and the parking is lost.
  test("wait() and notify() pass a token round three threads [SHARED-009]", async () => {
    const game = { mutex: new SharedMutex(), changed: new SharedCondition(), cell: new SharedArrayBuffer(4) };
    const players = [0, 1, 2].map((player) =>
      inThread("takeTurns", { ...game, player, players: 3, rounds: 300 }),
    );
    await Promise.all(players.map(({ result }) => result));
    expect(new Int32Array(game.cell)[0]).toBe(0);
  });

  // Red when: the lock is not held again after the wait, or is not released during it.
  test("waitAsync() releases the lock while it waits and holds it again afterwards [SHARED-009]", async () => {
    const [mutex, condition] = [new SharedMutex(), new SharedCondition()];
    const token = SharedMutex.lock(mutex);
    const waiting = SharedCondition.waitAsync(condition, token);
    expect(await pending(waiting)).toBe(true);
    const other = SharedMutex.lockIfAvailable(mutex, 0);
    expect(other?.locked).toBe(true);
    expect(SharedCondition.notify(condition, 1)).toBe(1);
    expect(await pending(waiting)).toBe(true);
    other?.unlock();
    await waiting;
    expect(token.locked).toBe(true);
  });

  // Red when: the predicate is not called before the wait; or a timeout counts as a notification.
  test("waitFor() returns whether it was notified, or whether the predicate is true [SHARED-009]", () => {
    const [mutex, condition] = [new SharedMutex(), new SharedCondition()];
    const token = SharedMutex.lock(mutex);
    expect(SharedCondition.waitFor(condition, token, 1)).toBe(false);
    expect(SharedCondition.waitFor(condition, token, 1, () => false)).toBe(false);
    expect(SharedCondition.waitFor(condition, token, 1, () => true)).toBe(true);
    expect(token.locked).toBe(true);
    token.unlock();
    expect(() => SharedCondition.waitFor(condition, token, 1)).toThrow(TypeError);
    expect(SharedCondition.notify(condition)).toBe(0);
  });
});

describe("a textbook implementation of the pipe", () => {
  // Red when: a notification is lost; or two threads hold the mutex at the same time.
  test("SharedMutex and two SharedConditions make a pipe that does what the lock-free one does [SHARED-009]", async () => {
    const memory = textbookMemory();
    const { result } = inThread("feedTextbook", { memory, total: 50_000, seed: 7 });
    const reader = new TextbookPipe(memory);
    const next = random(8);
    for (let at = 0; ; ) {
      const into = new Uint8Array(1 + next(3000));
      const count = reader.readSync(into);
      if (count === null) {
        expect(at).toBe(50_000);
        break;
      }
      expectSequence(into.subarray(0, count), at);
      at += count;
    }
    await result;
  });
});
