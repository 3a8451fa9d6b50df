import { describe, expect, test } from "vitest";
import {
  CAPACITY,
  CLOSED,
  FAILED,
  HEAD,
  LOST,
  READER_CLOSED,
  READER_SHIFT,
  READER_SLEEPS,
  STATE,
  TAIL,
  WRITER_CLOSED,
  WRITER_MUTEX,
  WRITER_SLEEPS,
} from "../../src/shared/layout.ts";
import { WANTED } from "../../src/shared/lock.ts";
import { NOTIFIED } from "../../src/shared/tally.ts";
import type { Half } from "../../src/shared/protocol.ts";
import { coroutines, type Thread } from "./coroutines.ts";
import { explore, type Scene } from "./explore.ts";

type Protocol = ReturnType<typeof coroutines>;

interface Plan {
  readonly capacity: number;
  /** Lengths of the writes, and of each read. */
  readonly writes: readonly number[];
  readonly into: number;
  /** The position of the first byte in the stream. */
  readonly start?: number;
  /** The reader closes after this many bytes. */
  readonly leavesAfter?: number;
  /** Whether the writer waits after each write until its bytes are read. */
  readonly flushes?: boolean;
}

const WRITER_STOPS = FAILED | READER_CLOSED;

/** The same steps as end.ts takes for a blocking write. */
function* write(protocol: Protocol, half: Half, bytes: Uint8Array): Thread<boolean> {
  const { words } = half;
  for (let at = 0; ; ) {
    yield ["remember", words, bytes[0] as number, at, half.own, half.peer];
    if (((yield ["load", words, STATE]) & WRITER_STOPS) !== 0) return false;
    at += yield* protocol.put(half, bytes, at, bytes.length);
    yield* protocol.wakeReader(words);
    if (at === bytes.length) return true;
    const need = Math.min(bytes.length - at, half.ring.length / 2);
    const value = yield* protocol.announce(words, WRITER_SLEEPS, need);
    if (yield* protocol.hasNews(half, TAIL, WRITER_STOPS)) continue;
    yield ["wait", words, WRITER_SLEEPS, value];
  }
}

/** The same steps as end.ts takes for a flush when no other call is queued. */
function* flush(protocol: Protocol, half: Half): Thread<boolean> {
  const { words } = half;
  for (;;) {
    yield ["remember", words, half.own, half.peer];
    const state = yield ["load", words, STATE];
    half.peer = yield ["load", words, TAIL];
    if (((half.peer - half.own) | 0) >= 0) return true;
    if ((state & READER_CLOSED) !== 0) return false;
    const value = yield* protocol.announce(words, WRITER_SLEEPS, 1);
    if (yield* protocol.hasNews(half, TAIL, LOST | READER_CLOSED)) continue;
    yield ["wait", words, WRITER_SLEEPS, value];
  }
}

/** The same steps as end.ts takes for a blocking read. */
function* read(protocol: Protocol, half: Half, into: Uint8Array): Thread<number | null> {
  const { words } = half;
  for (;;) {
    yield ["remember", words, half.own, half.peer];
    const state = yield ["load", words, STATE];
    const count = yield* protocol.take(half, into, 0, into.length);
    if (count > 0) return count;
    if ((state & WRITER_CLOSED) !== 0) return null;
    const value = yield* protocol.announce(words, READER_SLEEPS, 1);
    if (yield* protocol.hasNews(half, HEAD, WRITER_CLOSED)) continue;
    yield ["wait", words, READER_SLEEPS, value];
  }
}

function transfer(protocol: Protocol, plan: Plan): Scene {
  const { capacity, writes, into, start = 0, leavesAfter, flushes = false } = plan;
  const words = new Int32Array(TAIL + 1);
  words[HEAD] = words[TAIL] = start;
  const ring = new Uint8Array(capacity);
  const half = (): Half => ({ words, ring, own: start, peer: start });
  const received: number[] = [];
  const sent: number[] = [];
  function* writer(): Thread<void> {
    const mine = half();
    for (const length of writes) {
      const from = sent.length;
      const bytes = Uint8Array.from({ length }, (_, index) => 1 + from + index);
      sent.push(...bytes);
      if (!(yield* write(protocol, mine, bytes))) return;
      if (!flushes) continue;
      if (!(yield* flush(protocol, mine))) return;
      // All bytes were read, although the reader may not have stored its last count yet.
      if (words[TAIL] !== mine.own) throw new Error("A flush came back too early");
    }
    yield* protocol.close(words, CLOSED, WRITER_CLOSED);
  }
  function* reader(): Thread<void> {
    const mine = half();
    const array = new Uint8Array(into);
    for (;;) {
      const count = yield* read(protocol, mine, array);
      if (count === null) return;
      received.push(...array.subarray(0, count));
      if (received.some((byte, index) => byte !== sent[index]))
        throw new Error(`Wrong bytes: ${received.join(" ")}`);
      if (leavesAfter === undefined || received.length < leavesAfter) continue;
      yield* protocol.close(words, CLOSED << READER_SHIFT, READER_CLOSED);
      return;
    }
  }
  const verify = () => {
    if (leavesAfter === undefined) expect(received).toEqual(sent);
  };
  return { words, bytes: ring, threads: [writer(), reader()], verify };
}

/** Threads that each lock the mutex a given number of times. */
function contend(protocol: Protocol, threads: number, times: number): Scene {
  const words = new Int32Array(WRITER_MUTEX + 1);
  const bytes = new Uint8Array(1);
  function* thread(): Thread<void> {
    for (let time = 0; time < times; time += 1) {
      for (;;) {
        yield ["remember", words, time];
        if (yield* protocol.lockOrMark(words, WRITER_MUTEX)) break;
        yield ["wait", words, WRITER_MUTEX, WANTED];
      }
      if (bytes[0] !== 0) throw new Error("Two are inside");
      bytes[0] = 1;
      yield ["load", words, STATE];
      bytes[0] = 0;
      yield* protocol.unlock(words, WRITER_MUTEX);
    }
  }
  const verify = () => expect(words[WRITER_MUTEX]).toBe(0);
  return { words, bytes, threads: Array.from({ length: threads }, thread), verify };
}

/** Threads that wait at a condition until they are notified, and threads that notify at any time, each for up to `count` waiters. */
function notify(protocol: Protocol, waiters: number, count: number): Scene {
  const words = new Int32Array(1);
  const bytes = new Uint8Array(2);
  const [given, taken] = [0, 1] as const;
  function* waiter(): Thread<void> {
    const joined = yield* protocol.join(words, 0);
    for (let woken = false; ; ) {
      yield ["remember", words, joined, Number(woken)];
      const value: number = yield* protocol.takeTurn(words, 0, joined, woken);
      if (value === NOTIFIED) break;
      woken = (yield ["wait", words, 0, value]) === 0;
    }
    bytes[taken] = (bytes[taken] as number) + 1;
  }
  function* notifier(): Thread<void> {
    while ((bytes[given] as number) < waiters) {
      yield ["remember", words, bytes[given] as number];
      bytes[given] = (bytes[given] as number) + (yield* protocol.notifyWaiting(words, 0, count));
    }
  }
  const verify = () => expect([...bytes, (words[0] as number) & 0xffffff]).toEqual([waiters, waiters, 0]);
  return { words, bytes, threads: [notifier(), ...Array.from({ length: waiters }, waiter)], verify };
}

/** One thread that dies while it holds the mutex, a supervisor that detects the death, and other threads that wait for the mutex. */
function die(protocol: Protocol, others: number): Scene {
  const words = new Int32Array(WRITER_MUTEX + 1);
  const bytes = new Uint8Array(1);
  function* dying(): Thread<void> {
    if (!(yield* protocol.tryLock(words, WRITER_MUTEX))) return;
    bytes[0] = 1; // A call that is half complete.
    yield ["pause", words, 0];
    yield* protocol.close(words, LOST, WRITER_CLOSED);
    yield* protocol.breakLock(words, WRITER_MUTEX);
  }
  function* other(): Thread<void> {
    for (;;) {
      yield ["remember", words, 0];
      if (((yield ["load", words, STATE]) & WRITER_CLOSED) !== 0) return;
      if (yield* protocol.lockOrMark(words, WRITER_MUTEX)) break;
      yield ["wait", words, WRITER_MUTEX, WANTED];
    }
    const isLost = ((yield ["load", words, STATE]) & LOST) !== 0;
    if (bytes[0] === 1 && !isLost) throw new Error("A call goes on where another one is half done");
    yield* protocol.unlock(words, WRITER_MUTEX);
  }
  return { words, bytes, threads: [dying(), ...Array.from({ length: others }, other)], verify: () => {} };
}

const plans: readonly Plan[] = [
  { capacity: 2, writes: [3, 3], into: 2 },
  { capacity: 2, writes: [1, 1, 1], into: 1 },
  { capacity: 4, writes: [7], into: 3 },
  { capacity: 2, writes: [5], into: 3, start: 2 ** 31 - 2 },
  { capacity: 2, writes: [5], into: 3, start: -2 },
  { capacity: 2, writes: [4], into: 2, leavesAfter: 2 },
  { capacity: 2, writes: [3, 1], into: 2, flushes: true },
  { capacity: 2, writes: [3], into: 1, flushes: true, leavesAfter: 2 },
];

const faults: ReadonlyArray<readonly [string, Plan, readonly [string, string]]> = [
  [
    "bytes are published before they are copied",
    plans[0] as Plan,
    [
      "copyIn(half.ring, half.own, bytes, at, count);\n    half.own = (half.own + count) | 0;\n    Atomics.store(words, HEAD, half.own);",
      "Atomics.store(words, HEAD, half.own + count); copyIn(half.ring, half.own, bytes, at, count); half.own += count;",
    ],
  ],
  [
    "room is given before the bytes are copied",
    plans[0] as Plan,
    [
      "copyOut(half.ring, half.own, into, from, count);\n  half.own = (half.own + count) | 0;\n  Atomics.store(half.words, TAIL, half.own);",
      "Atomics.store(half.words, TAIL, half.own + count); copyOut(half.ring, half.own, into, from, count); half.own += count;",
    ],
  ],
  [
    "the condition is not checked again",
    plans[0] as Plan,
    [
      "return Atomics.load(half.words, counter) !== half.peer || (Atomics.load(half.words, STATE) & states) !== 0;",
      "return false;",
    ],
  ],
  [
    "only the counter is looked at again",
    plans[0] as Plan,
    ["|| (Atomics.load(half.words, STATE) & states) !== 0", ""],
  ],
  ["a writer that sleeps is not woken", plans[0] as Plan, ["Atomics.notify(words, WRITER_SLEEPS);", ""]],
  [
    "a reader that is about to sleep is woken too early",
    plans[0] as Plan,
    [
      "if (Atomics.compareExchange(words, READER_SLEEPS, 1, 0) === 1) Atomics.notify(words, READER_SLEEPS);",
      "Atomics.notify(words, READER_SLEEPS);",
    ],
  ],
  [
    "a flush looks again at the states alone",
    { capacity: 2, writes: [2], into: 2, flushes: true },
    ["Atomics.load(half.words, counter) !== half.peer || ", ""],
  ],
  [
    "a close leaves announced sleeps as they are",
    plans[0] as Plan,
    ["Atomics.store(words, READER_SLEEPS, 0);", ""],
  ],
];

describe("every order of the atomic operations", { timeout: 120_000 }, () => {
  // Red when: any of the faults below is in protocol.ts. Each was seen to be detected.
  test.for(plans.map((plan) => [JSON.stringify(plan), plan] as const))(
    "moves each byte once and leaves no thread parked for ever: %s [SHARED-008] [SHARED-007]",
    ([, plan]) => {
      const protocol = coroutines(plan.capacity);
      expect(explore(() => transfer(protocol, plan))).toBeGreaterThan(100);
    },
  );

  // Red when: explore() omits orders.
  test.for(faults)("finds that %s [SHARED-008]", ([, plan, fault]) => {
    const protocol = coroutines(plan.capacity, [fault]);
    expect(() => explore(() => transfer(protocol, plan))).toThrow(/In the order/);
  });

  // Red when: any of the faults below is in lock.ts. Each was seen to be detected.
  test("has at most one thread inside the mutex, and wakes every waiting thread [SHARED-008] [SHARED-006]", () => {
    const protocol = coroutines(CAPACITY);
    expect(explore(() => contend(protocol, 2, 2))).toBeGreaterThan(100);
    expect(explore(() => contend(protocol, 3, 1))).toBeGreaterThan(100);
  });

  // Red when: explore() omits orders.
  test.for([
    ["an unlock wakes no waiter", ["WANTED) Atomics.notify(words, mutex);", "WANTED) 0;"]],
    [
      "an unlock wakes one waiter, who marks no mutex",
      ["WANTED) Atomics.notify(words, mutex);", "WANTED) Atomics.notify(words, mutex, 1);"],
    ],
  ] as const)("finds that %s [SHARED-008]", ([, fault]) => {
    const protocol = coroutines(CAPACITY, [fault]);
    expect(() => explore(() => contend(protocol, 3, 1))).toThrow(/In the order/);
  });

  // Red when: any of the faults below is in tally.ts. Each was seen to be detected.
  test("gives every call that waits at a condition one notification, whether it has parked or not [SHARED-008] [SHARED-009]", () => {
    const protocol = coroutines(CAPACITY);
    expect(explore(() => notify(protocol, 2, 1))).toBeGreaterThan(50);
    expect(explore(() => notify(protocol, 2, 9))).toBeGreaterThan(50);
  });

  // Red when: explore() omits orders.
  test.for([
    [
      "a notification wakes no sleeper",
      ["Atomics.notify(words, word);\n    return notified;", "return notified;"],
    ],
    ["a notification gives one turn for several calls", ["notified * (TURN - 1)", "TURN - notified"]],
  ] as const)("finds that %s [SHARED-008] [SHARED-009]", ([, fault]) => {
    const protocol = coroutines(CAPACITY, [fault]);
    expect(() => explore(() => notify(protocol, 2, 9))).toThrow(/In the order/);
  });

  // Red when: any of the faults below is in breakLock(). Each was seen to be detected.
  test("leaves no call waiting for the mutex of a thread that died, and runs no call in its place [SHARED-008] [SHARED-003]", () => {
    const protocol = coroutines(CAPACITY);
    for (const others of [1, 2]) expect(explore(() => die(protocol, others))).toBeGreaterThan(20);
  });

  // Red when: explore() omits orders.
  test.for([
    ["the mutex of the dead stays locked", ["Atomics.store(words, mutex, FREE);", ""]],
    ["the mutex of the dead is opened in silence", ["FREE);\n  Atomics.notify(words, mutex);", "FREE);"]],
  ] as const)("finds that %s [SHARED-008] [SHARED-003]", ([, fault]) => {
    const protocol = coroutines(CAPACITY, [fault]);
    expect(() => explore(() => die(protocol, 2))).toThrow(/In the order/);
  });
});
