/** Shows the progress of a run. */
export interface Watch {
  /** A new stage begins. */
  stage(name: string): void;
  /** Work that was planned to take this long is done. */
  advance(milliseconds: number): void;
  /** Time reserved for additional rounds is used up, or not needed. */
  release(milliseconds: number): void;
}

/** How long a run takes, in milliseconds. */
export interface Planned {
  readonly workMs: number;
  /** The most that additional rounds may take beyond that, if the work was done in time. */
  readonly roomMs: number;
}
