import type { Planned } from "../runner/watch.ts";

/** After this much work, earlier observations count half. */
const HALF_LIFE_MS = 15_000;

/** The initial estimate counts like this much observed work. */
const EXPECTED_MS = 2000;

/** The average share of the reserved time that additional rounds use. */
const ROOM_USED = 0.5;

/**
 * Estimates how long a run will still take: the planned work of the rest, at the recent pace. Times are in milliseconds,
 * and the caller provides the clock.
 */
export class TimeLeft {
  #workMs: number;
  #roomMs: number;
  #lastMs: number;
  // Recent work, as planned and as measured, both with decay.
  #recentPlannedMs = EXPECTED_MS;
  #recentElapsedMs: number;

  /** @param pace The initial estimate of actual over planned time: 1 on a quiet machine. */
  constructor({ workMs, roomMs }: Planned, nowMs: number, pace: number) {
    this.#workMs = workMs;
    this.#roomMs = roomMs;
    this.#lastMs = nowMs;
    this.#recentElapsedMs = EXPECTED_MS * pace;
  }

  /** Work that was planned to take this long is done. */
  advance(milliseconds: number, nowMs: number): void {
    const decay = 0.5 ** (milliseconds / HALF_LIFE_MS);
    this.#recentPlannedMs = this.#recentPlannedMs * decay + milliseconds;
    this.#recentElapsedMs = this.#recentElapsedMs * decay + (nowMs - this.#lastMs);
    this.#lastMs = nowMs;
    this.#workMs = Math.max(0, this.#workMs - milliseconds);
  }

  /** Time reserved for additional rounds is over. It does not change the pace. */
  release(milliseconds: number, nowMs: number): void {
    this.#roomMs = Math.max(0, this.#roomMs - milliseconds);
    this.#lastMs = nowMs;
  }

  /** Slow work uses up the time that is reserved for additional rounds. */
  get leftMs(): number {
    const pace = this.#recentElapsedMs / this.#recentPlannedMs;
    return Math.max(this.#workMs * pace, this.#workMs + this.#roomMs * ROOM_USED);
  }
}
