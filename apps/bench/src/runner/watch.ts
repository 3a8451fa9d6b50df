/** Whoever shows how far a run has come. */
export interface Watch {
  /** A new stage begins. */
  stage(name: string): void;
  /** Work that was planned to take so long is done, or will not be done. */
  advance(milliseconds: number): void;
}
