import { laterTurn } from "./later-turn.ts";

/** What hears of an end that was lost. */
export interface Bereaved {
  /** Has the ends watched that somebody waits for. */
  watchEnds(): void;
  loseReader(): void;
  loseWriter(): void;
}

/*
 * The registries hold the pipe strongly, and with it the operations that wait in it, until the end they watch is collected. An end
 * that is closed in time needs no unregistering: losing it then changes nothing.
 */
const readers = new FinalizationRegistry<Bereaved>((pipe) => pipe.loseReader());
const writers = new FinalizationRegistry<Bereaved>((pipe) => pipe.loseWriter());

/** Tells `pipe` when its reading end has been garbage-collected. The pipe must not hold that end itself. */
export function watchReader(end: object, pipe: Bereaved): void {
  readers.register(end, pipe);
}

/** Tells `pipe` when its writing end has been garbage-collected. The pipe must not hold that end itself. */
export function watchWriter(end: object, pipe: Bereaved): void {
  writers.register(end, pipe);
}

/** Pipes where somebody has begun to wait in this turn of the event loop. */
let waiting: Bereaved[] = [];

/**
 * Calls `pipe.watchEnds()` in a later turn. To register an end costs more than all else that a short pipe does, and most waits are
 * over before the turn is: for those nothing is registered.
 */
export function watchLater(pipe: Bereaved): void {
  if (waiting.push(pipe) === 1) laterTurn(watchWaiting);
}

function watchWaiting(): void {
  const pipes = waiting;
  waiting = [];
  for (const pipe of pipes) pipe.watchEnds();
}
