/** One model, with its switches, and whether it is right. */
export interface Run {
  readonly model: "sleep.pml" | "mutex.pml";
  readonly switches: readonly string[];
  readonly isRight: boolean;
}

const right = (model: Run["model"], ...switches: string[]): Run => ({ model, switches, isRight: true });
const wrong = (model: Run["model"], ...switches: string[]): Run => ({ model, switches, isRight: false });

const HALTING = ["HALT", "CAPACITY=4", "LENGTH=5", "INTO=1"];
const DYING = ["DEATH", "MAKERS=3", "TAKERS=0", "CAPACITY=9"];

export const runs: readonly Run[] = [
  right("sleep.pml"),
  right("sleep.pml", "LIVENESS"),
  right("sleep.pml", "LIVENESS", "CAPACITY=3", "LENGTH=5"),
  right("sleep.pml", "SPURIOUS"),
  right("sleep.pml", "SPURIOUS", "READER_LEAVES"),
  right("sleep.pml", "CAPACITY=4", "LENGTH=7", "WRITES=3", "INTO=3"),
  right("sleep.pml", "FLUSH", "SPURIOUS"),
  right("sleep.pml", "FLUSH", "READER_LEAVES"),
  right("sleep.pml", "RPC"),
  right("sleep.pml", ...HALTING),
  wrong("sleep.pml", "FAULT_LOOK"),
  wrong("sleep.pml", "FAULT_WAKE", "RPC"),
  wrong("sleep.pml", "FAULT_NEED", ...HALTING),
  wrong("sleep.pml", "FAULT_CLOSE"),
  wrong("sleep.pml", "FAULT_CLEAR"),
  right("mutex.pml"),
  right("mutex.pml", "MAKERS=2"),
  right("mutex.pml", "TAKERS=2", "LATECOMER", "THINGS=1"),
  right("mutex.pml", ...DYING),
  wrong("mutex.pml", "FAULT_COUNT"),
  wrong("mutex.pml", "FAULT_FORGET", "MAKERS=2"),
  wrong("mutex.pml", "FAULT_BREAK", ...DYING),
];
