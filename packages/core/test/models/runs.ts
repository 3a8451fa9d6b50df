/** One model, with its switches, and whether it is right. */
export interface Run {
  readonly model: "sleep.pml" | "lock.pml" | "condition.pml" | "mutex.pml";
  readonly switches: readonly string[];
  readonly isRight: boolean;
}

const right = (model: Run["model"], ...switches: string[]): Run => ({ model, switches, isRight: true });
const wrong = (model: Run["model"], ...switches: string[]): Run => ({ model, switches, isRight: false });

const HALTING = ["HALT", "CAPACITY=4", "LENGTH=5", "INTO=1"];
/** Threads that die while they wait for the mutex. */
const MORTAL = ["DEATH", "THREADS=3", "PROMISES=0"];
/** A thread that dies while it holds the mutex. */
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
  right("lock.pml"),
  right("lock.pml", "PROMISES=2"),
  right("lock.pml", "DEATH"),
  right("lock.pml", "DEATH", "THREADS=3"),
  wrong("lock.pml", "FAULT_ONE"),
  wrong("lock.pml", "FAULT_ONE", "PROMISES=2"),
  wrong("lock.pml", "FAULT_ONE", ...MORTAL),
  right("condition.pml"),
  right("condition.pml", "WAITERS=3"),
  right("condition.pml", "WAITERS=3", "COUNT=2"),
  right("condition.pml", "TIMEOUT"),
  right("condition.pml", "WAITERS=3", "DEATH"),
  right("condition.pml", "DEATH", "TIMEOUT", "UNLOCKED"),
  wrong("condition.pml", "FAULT_SEQUENCE", "NOTIFIERS=1"),
  wrong("condition.pml", "FAULT_ONE", "DEATH"),
  wrong("condition.pml", "FAULT_JOIN"),
  wrong("condition.pml", "FAULT_STEAL", "WAITERS=3"),
  wrong("condition.pml", "FAULT_LEAVE", "TIMEOUT"),
  right("mutex.pml"),
  right("mutex.pml", "MAKERS=2", "THINGS=1"),
  right("mutex.pml", "TAKERS=2", "THINGS=1"),
  right("mutex.pml", "LATECOMER", "THINGS=1"),
  right("mutex.pml", ...DYING),
  wrong("mutex.pml", "FAULT_JOIN"),
  wrong("mutex.pml", "FAULT_MARK", "MAKERS=2"),
  wrong("mutex.pml", "FAULT_BREAK", ...DYING),
];
