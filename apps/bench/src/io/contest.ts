/** What helpers and their peers are measured at. */
export interface Contest {
  readonly name: string;
  /** What is counted: the cost is the time for one of them. */
  readonly unit: string;
  readonly implementations: readonly Implementation[];
}

interface Implementation {
  readonly name: string;
  readonly role: "ours" | "peer" | "floor";
  /** Goes through the file once, and returns how many units it has met. `output` is a file that it may write. */
  run(file: string, output: string): Promise<number>;
}
