import type { Planned } from "../runner/watch.ts";

/** Work after which what was seen before it counts half. */
const HALF_LIFE_MS = 15_000;

/** What is expected counts like so much work that was seen. */
const EXPECTED_MS = 2000;

/** More rounds take so much of the time that is kept for them, on average. */
const ROOM_USED = 0.5;

/**
 * How long a run will go on: the work that is planned for the rest of it, at the pace of late. Times are in milliseconds, and the clock is
 * the caller's.
 */
export class TimeLeft {
  #workMs: number;
  #roomMs: number;
  #lastMs: number;
  // Work of late, as it was planned and as long as it took, both decaying.
  #recentPlannedMs = EXPECTED_MS;
  #recentElapsedMs: number;

  /** @param pace How much longer than planned work is expected to take at first: 1 on a quiet machine. */
  constructor({ workMs, roomMs }: Planned, nowMs: number, pace: number) {
    this.#workMs = workMs;
    this.#roomMs = roomMs;
    this.#lastMs = nowMs;
    this.#recentElapsedMs = EXPECTED_MS * pace;
  }

  /** Work that was planned to take so long is done. */
  advance(milliseconds: number, nowMs: number): void {
    const decay = 0.5 ** (milliseconds / HALF_LIFE_MS);
    this.#recentPlannedMs = this.#recentPlannedMs * decay + milliseconds;
    this.#recentElapsedMs = this.#recentElapsedMs * decay + (nowMs - this.#lastMs);
    this.#lastMs = nowMs;
    this.#workMs = Math.max(0, this.#workMs - milliseconds);
  }

  /** Time that was kept for more rounds is over: it says nothing of the pace. */
  release(milliseconds: number, nowMs: number): void {
    this.#roomMs = Math.max(0, this.#roomMs - milliseconds);
    this.#lastMs = nowMs;
  }

  /** Work that is slow uses up the time that is kept for more rounds. */
  get leftMs(): number {
    const pace = this.#recentElapsedMs / this.#recentPlannedMs;
    return Math.max(this.#workMs * pace, this.#workMs + this.#roomMs * ROOM_USED);
  }
}
