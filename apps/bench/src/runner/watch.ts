/** Shows how far a run has come. */
export interface Watch {
  /** A new stage begins. */
  stage(name: string): void;
  /** Work that was planned to take so long is done. */
  advance(milliseconds: number): void;
  /** Time that was kept for more rounds is used up, or not needed. */
  release(milliseconds: number): void;
}

/** How long a run takes, in milliseconds. */
export interface Planned {
  readonly workMs: number;
  /** What more rounds may take beyond that, where the work was done in time. */
  readonly roomMs: number;
}
