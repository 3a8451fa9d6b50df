/** Work after which what was seen before it counts half. */
const HALF_LIFE_MS = 15_000;

/** What is expected counts like so much work that was seen. */
const EXPECTED_MS = 2000;

/**
 * How long a run will go on: the work that is planned for the rest of it, at the pace of late. Times are in milliseconds, and the clock is
 * the caller's.
 */
export class TimeLeft {
  #plannedMs: number;
  #lastMs: number;
  // Work of late, as it was planned and as long as it took, both decaying.
  #recentPlannedMs = EXPECTED_MS;
  #recentElapsedMs: number;

  /** @param pace How much longer than planned work is expected to take at first: 1 on a quiet machine. */
  constructor(plannedMs: number, nowMs: number, pace: number) {
    this.#plannedMs = plannedMs;
    this.#lastMs = nowMs;
    this.#recentElapsedMs = EXPECTED_MS * pace;
  }

  /** Work that was planned to take so long is done. */
  advance(milliseconds: number, nowMs: number): void {
    const decay = 0.5 ** (milliseconds / HALF_LIFE_MS);
    this.#recentPlannedMs = this.#recentPlannedMs * decay + milliseconds;
    this.#recentElapsedMs = this.#recentElapsedMs * decay + (nowMs - this.#lastMs);
    this.#lastMs = nowMs;
    this.skip(milliseconds);
  }

  /** Work that was planned to take so long will not be done. */
  skip(milliseconds: number): void {
    this.#plannedMs = Math.max(0, this.#plannedMs - milliseconds);
  }

  get leftMs(): number {
    return (this.#plannedMs * this.#recentElapsedMs) / this.#recentPlannedMs;
  }
}
