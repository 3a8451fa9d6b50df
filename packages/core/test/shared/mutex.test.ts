import { SharedCondition, SharedMutex, UnlockToken } from "@pipe512/core/shared";
import { expectSequence } from "@pipe512/testing/bytes";
import { pending } from "@pipe512/testing/turns";
import { describe, expect, test } from "vitest";
import { random } from "../support/random.ts";
import { inThread } from "../support/thread.ts";
import { TextbookPipe, textbookMemory } from "./textbook.ts";

describe("SharedMutex", () => {
  // Red when: the mutex lets two threads in; an unlock wakes nobody who sleeps.
  test("lock() and lockAsync() let one thread in at a time [SHARED-009] [SHARED-006]", async () => {
    const mutex = new SharedMutex();
    const cell = new SharedArrayBuffer(8);
    const threads = [1, 2, 3].map(() => inThread("add", { mutex, cell, rounds: 2000 }));
    await Promise.all(threads.map(({ result }) => result));
    expect(new Int32Array(cell)[0]).toBe(6000);
  });

  // Red when: lockAsync() does not wait; a token is handed out twice.
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

  // Red when: the time is not looked at.
  test("lockIfAvailable() gives up after its time [SHARED-009]", () => {
    const mutex = new SharedMutex();
    SharedMutex.lock(mutex);
    expect(SharedMutex.lockIfAvailable(mutex, 2)).toBe(null);
    expect(() => SharedMutex.lockIfAvailable(mutex, Number.NaN)).toThrow(RangeError);
  });

  // Red when: a token that holds a lock is taken for a free one.
  test("lock() refuses a token that holds a lock, and what is no shared memory [SHARED-009]", () => {
    const token = SharedMutex.lock(new SharedMutex());
    expect(() => SharedMutex.lock(new SharedMutex(), token)).toThrow(TypeError);
    for (const place of [undefined, {}, { buffer: new ArrayBuffer(4), byteOffset: 0 }]) {
      expect(() => SharedMutex.lock(place as never)).toThrow(TypeError);
    }
    expect(() => new SharedMutex({ buffer: new SharedArrayBuffer(8), byteOffset: 2 })).toThrow(RangeError);
  });

  // Red when: the place is not a field of its own, so that cloning loses it.
  test("a clone is as good as the mutex: it is made of, and sent as, { buffer, byteOffset } [SHARED-009]", () => {
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
  // Red when: notify() counts nothing, so that a notification between the unlock and the sleep is lost.
  test("wait() and notify() pass a turn round three threads [SHARED-009]", async () => {
    const game = { mutex: new SharedMutex(), changed: new SharedCondition(), cell: new SharedArrayBuffer(4) };
    const players = [0, 1, 2].map((player) =>
      inThread("takeTurns", { ...game, player, players: 3, rounds: 300 }),
    );
    await Promise.all(players.map(({ result }) => result));
    expect(new Int32Array(game.cell)[0]).toBe(0);
  });

  // Red when: the lock is not held again; the mutex is not let go.
  test("waitAsync() lets go of the lock while it waits and has it again afterwards [SHARED-009]", async () => {
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

  // Red when: the predicate is not asked before the wait; a timeout counts as a notification.
  test("waitFor() says whether it was notified, or whether the predicate is true [SHARED-009]", () => {
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

describe("a pipe as a textbook has it", () => {
  // Red when: a notification is lost; the mutex lets two threads in.
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
