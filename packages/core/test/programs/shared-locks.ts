import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { SharedCondition, SharedMutex } from "@pipe512/core/shared";
import { random } from "../support/random.ts";
import type { Order } from "./shared-waiter.ts";

// Random schedules at a mutex and a condition, with threads that are terminated while they wait. The arguments are the number of schedules and the
// seed. Prints how many threads died while they held the mutex, which then stays locked. Fails if a call waits at a free mutex, or if the result of
// notify() is wrong.

const [schedules, seed] = process.argv.slice(2).map(Number) as [number, number];
const next = random(seed);
/** The words that count the calls that have completed. */
const [SURVIVORS, MORTAL] = [3, 4];
const PATIENCE_MS = 30_000;
/** No live thread holds the mutex for this long. */
const LOCKED_MS = 2000;
let diedWithIt = 0;

async function start(): Promise<Worker> {
  const worker = new Worker(new URL("./shared-waiter.ts", import.meta.url), {
    execArgv: ["--conditions=@pipe512/source"],
  });
  await once(worker, "message");
  return worker;
}

/** Threads that live for all schedules of a lane, and one that will be terminated. */
async function lane(count: number): Promise<void> {
  const survivors = await Promise.all([start(), start()]);
  for (let schedule = 0; schedule < count; schedule += 1) {
    const mortal = await start();
    await (next(3) === 0 ? atCondition(survivors, mortal) : atMutex(survivors, mortal));
  }
  for (const worker of survivors) await worker.terminate();
}

function newPlace(at: Order["at"]) {
  const order = {
    mutex: new SharedMutex(),
    changed: new SharedCondition(),
    cell: new SharedArrayBuffer(20),
    at,
  };
  return { order, words: new Int32Array(order.cell), word: new Int32Array(order.mutex.buffer) };
}

/** Sends orders to threads, and returns the total number of calls in them. */
function send(
  workers: readonly Worker[],
  order: Omit<Order, "promises" | "blocks" | "through">,
  counter = SURVIVORS,
): number {
  let calls = 0;
  for (const worker of workers) {
    const promises = next(3);
    const blocks = promises === 0 || next(2) === 0;
    calls += promises + (blocks ? 1 : 0);
    worker.postMessage({ ...order, promises, blocks, through: counter });
  }
  return calls;
}

async function until(condition: () => boolean, what: () => string): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  while (!condition()) {
    if (performance.now() > end) throw new Error(what());
    await sleep(0);
  }
}

async function atMutex(survivors: readonly Worker[], mortal: Worker): Promise<void> {
  const { order, words, word } = newPlace("mutex");
  const token = SharedMutex.lock(order.mutex);
  const calls = send([mortal], order, MORTAL);
  if (next(2) === 0)
    await until(
      () => (words[0] as number) > 0,
      () => "The mortal thread does not begin",
    );
  const wanted = send(survivors, order);
  await sleep(next(3));
  const dies = (): Promise<number> => mortal.terminate();
  const early = next(2) === 0 ? dies() : undefined;
  if (next(2) === 0) await sleep(0);
  token.unlock();
  await (early ?? dies());
  const isThrough = (): boolean => (words[SURVIVORS] as number) >= wanted && isFree(order.mutex);
  await through(
    isThrough,
    word,
    () => `${words[SURVIVORS]} of ${wanted} to ${wanted + calls} calls came through`,
  );
}

function isFree(mutex: SharedMutex): boolean {
  return SharedMutex.lockIfAvailable(mutex, 0)?.unlock() === true;
}

/** Waits until `isThrough()`. If the mutex stays locked, the terminated thread held it; this function then releases the mutex. */
async function through(isThrough: () => boolean, word: Int32Array, what: () => string): Promise<void> {
  const began = performance.now();
  let wasFree = began;
  while (!isThrough()) {
    await sleep(0);
    const now = performance.now();
    if (word[0] === 0) wasFree = now;
    if (now - wasFree > LOCKED_MS) break;
    if (now - began > PATIENCE_MS) throw new Error(`${what()}, and the others wait at a free mutex`);
  }
  if (isThrough()) return;
  diedWithIt += 1;
  Atomics.store(word, 0, 0);
  Atomics.notify(word, 0);
  await until(isThrough, () => `${what()} after the mutex was broken`);
}

async function atCondition(survivors: readonly Worker[], mortal: Worker): Promise<void> {
  const { order, words, word } = newPlace("condition");
  const wanted = send(survivors, order);
  const calls = send([mortal], order, MORTAL);
  // If notify() came earlier, it could select a waiter of a thread that then blocks: the waiter would be notified, but the thread could not count it.
  await until(
    () => (words[0] as number) === survivors.length + 1,
    () => "The threads do not come to the condition",
  );
  const early = next(2) === 0;
  if (early) await mortal.terminate();
  const count = 1 + next(3);
  await through(
    () => isFree(order.mutex),
    word,
    () => "The main thread waits",
  );
  const token = await SharedMutex.lockAsync(order.mutex);
  const notified = SharedCondition.notify(order.changed, count);
  token.unlock();
  if (notified > count) throw new Error(`notify(${count}) says ${notified}`);
  const least = early ? Math.max(0, notified - calls) : notified;
  const what = (): string => `notify(${count}) said ${notified}, and ${words[1]} were woken`;
  await until(() => (words[1] as number) >= least, what);
  await sleep(1);
  if ((words[1] as number) > notified) throw new Error(what());
  if (!early) await mortal.terminate();
  // The remaining calls: a thread begins some of them only after others of it have completed.
  const isThrough = (): boolean => {
    SharedCondition.notify(order.changed);
    return (words[SURVIVORS] as number) >= wanted;
  };
  await through(
    isThrough,
    word,
    () => `${words[SURVIVORS]} of ${wanted} calls came through at the condition`,
  );
}

const LANES = 4;
const share = Math.ceil(schedules / LANES);
await Promise.all(Array.from({ length: LANES }, () => lane(share)));
console.log(diedWithIt);
