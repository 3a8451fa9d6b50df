/** A task at which helpers of pipe512 and other implementations are compared. */
export interface Contest {
  readonly name: string;
  /** The unit that is counted. The cost is the time for one unit. */
  readonly unit: string;
  readonly implementations: readonly Implementation[];
}

interface Implementation {
  readonly name: string;
  readonly role: "ours" | "peer" | "floor";
  /** Processes the file once, and returns the number of units. `output` is the path of a file that it may write. */
  run(file: string, output: string): Promise<number>;
}
