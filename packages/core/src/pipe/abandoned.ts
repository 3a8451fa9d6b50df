import { laterTurn } from "./later-turn.ts";

/** A pipe, as the parts that watch for collected ends use it. */
export interface Bereaved {
  /** Registers each end that a pending operation of the other side depends on. */
  watchEnds(): void;
  loseReader(): void;
  loseWriter(): void;
}

/*
 * The registries hold the pipe and its pending operations strongly until the watched end is collected. A closed end is
 * not unregistered, because collecting it has no effect.
 */
const readers = new FinalizationRegistry<Bereaved>((pipe) => pipe.loseReader());
const writers = new FinalizationRegistry<Bereaved>((pipe) => pipe.loseWriter());

/** Calls `pipe.loseReader()` when the reading end is garbage-collected. The pipe must not hold a reference to that end. */
export function watchReader(end: object, pipe: Bereaved): void {
  readers.register(end, pipe);
}

/** Calls `pipe.loseWriter()` when the writing end is garbage-collected. The pipe must not hold a reference to that end. */
export function watchWriter(end: object, pipe: Bereaved): void {
  writers.register(end, pipe);
}

/** Pipes in which an operation began to wait in this iteration of the event loop. */
let waiting: Bereaved[] = [];

/**
 * Calls `pipe.watchEnds()` in a later iteration of the event loop. Registering an end is the most expensive step of a
 * short-lived pipe, and most waits end within the current iteration and so need no registration.
 */
export function watchLater(pipe: Bereaved): void {
  if (waiting.push(pipe) === 1) laterTurn(watchWaiting);
}

function watchWaiting(): void {
  const pipes = waiting;
  waiting = [];
  for (const pipe of pipes) pipe.watchEnds();
}
