import type { Step, Thread } from "./coroutines.ts";

/** Threads on new memory, and the condition that must hold when all have finished. */
export interface Scene {
  readonly words: Int32Array;
  /** Any other state that one thread can observe of another. */
  readonly bytes: Uint8Array;
  readonly threads: readonly Thread[];
  verify(): void;
}

interface Run {
  readonly scene: Scene;
  /** The next operation of each thread; `undefined` once the thread has finished. */
  readonly next: Array<Step | undefined>;
  /** The word that each thread is parked on, or -1. */
  readonly sleeping: number[];
  /** The values that each thread has read since it last recorded its local state. Together they determine its position. */
  readonly seen: string[];
}

/**
 * Runs the threads of a scene in every possible order of steps, and returns the number of distinct states.
 *
 * Threads cannot be copied, so each order is replayed from its beginning. An order that leads to a known state is not continued. Two states are equal if
 * the memory is equal and the threads have read the same values. A thread can add a value that it has read (`note`), or record its whole local state
 * (`remember`), which replaces the values before.
 *
 * @throws {Error} If a thread throws in one of the orders, or if no thread can proceed and not all have finished. The message names the order.
 */
export function explore(create: () => Scene): number {
  const met = new Set<string>();
  const stack: number[][] = [[]];
  for (let order = stack.pop(); order !== undefined; order = stack.pop()) {
    const run = begin(create());
    try {
      for (const thread of order) step(run, thread);
      const key = keyOf(run);
      if (met.has(key)) continue;
      met.add(key);
      const able = run.next.flatMap((next, thread) =>
        next !== undefined && run.sleeping[thread] === -1 ? [thread] : [],
      );
      for (const thread of able) stack.push([...order, thread]);
      if (able.length > 0) continue;
      if (run.next.some((next) => next !== undefined)) throw new Error("No actor can continue");
      run.scene.verify();
    } catch (error) {
      throw new Error(`In the order ${order.join("")}: ${String(error)}`, { cause: error });
    }
  }
  return met.size;
}

function begin(scene: Scene): Run {
  const run: Run = {
    scene,
    next: [],
    sleeping: scene.threads.map(() => -1),
    seen: scene.threads.map(() => ""),
  };
  scene.threads.forEach((_, thread) => proceed(run, thread, 0));
  return run;
}

function step(run: Run, thread: number): void {
  const next = run.next[thread] as Step;
  const brought = carryOut(run, thread, next);
  run.seen[thread] += `,${brought}`;
  if (run.sleeping[thread] === -1) proceed(run, thread, brought);
}

function proceed(run: Run, thread: number, brought: number): void {
  for (;;) {
    const { done, value } = (run.scene.threads[thread] as Thread).next(brought);
    run.next[thread] = done === true ? undefined : value;
    const [name, , ...values] = run.next[thread] ?? [];
    if (name === "remember") run.seen[thread] = "";
    else if (name !== "note") return;
    run.seen[thread] += values.join();
  }
}

function carryOut(run: Run, thread: number, [name, words, index, first = 0, second = 0]: Step): number {
  switch (name) {
    case "wait":
      if (words[index] !== first) return 0;
      run.sleeping[thread] = index;
      return 1;
    case "notify": {
      const count = first === 0 ? Number.POSITIVE_INFINITY : first;
      const woken = run.sleeping
        .flatMap((word, sleeper) => (word === index ? [sleeper] : []))
        .slice(0, count);
      for (const sleeper of woken) {
        run.sleeping[sleeper] = -1;
        proceed(run, sleeper, 0);
      }
      return woken.length;
    }
    case "pause":
      return 0;
    case "load":
      return Atomics.load(words, index);
    case "store":
      return Atomics.store(words, index, first);
    case "exchange":
      return Atomics.exchange(words, index, first);
    case "compareExchange":
      return Atomics.compareExchange(words, index, first, second);
    default:
      throw new Error(`An operation that is not known here: ${name}`);
  }
}

function keyOf({ scene, next, sleeping, seen }: Run): string {
  const threads = seen.map((past, thread) => `${past}|${sleeping[thread]}|${next[thread] === undefined}`);
  return `${threads.join(";")};${scene.words.join()};${scene.bytes.join()}`;
}
