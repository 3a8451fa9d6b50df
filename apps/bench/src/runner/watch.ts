/** Shows how far a run has come. */
export interface Watch {
  /** A new stage begins. */
  stage(name: string): void;
  /** Work that was planned to take so long is done. */
  advance(milliseconds: number): void;
  /** Work that was planned to take so long will not be done. */
  skip(milliseconds: number): void;
}
