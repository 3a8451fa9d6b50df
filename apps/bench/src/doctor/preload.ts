import { writeSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { threadId } from "node:worker_threads";
import { type PipeReport, snapshot, watch } from "@pipe512/core/diagnostics";
import { reportDeadlocks } from "@pipe512/node";
import { type Kind, LINE, type Message } from "./finding.ts";

// Runs in the process of the script, before it. How long a stall takes stands in the query of its address.

const stallAfterMs = Number(new URL(import.meta.url).searchParams.get("stallAfterMs"));
let count = 0;

watch({
  stallAfterMs,
  onOpen: () => {
    count += 1;
  },
  onStall: ({ pipe, operation: { waitingMs, explanation } }) => {
    tell({ kind: "stall", thread: threadId, pipe, waitingMs, explanation });
  },
  onLeak: ({ pipe, explanation }) =>
    tell({ kind: "leak", thread: threadId, pipe, waitingMs: 0, explanation }),
});
process.once("beforeExit", () => void findLostEnds());
reportDeadlocks({ exitCode: 0, print: (_text, pipes) => tellAll("deadlock", pipes) });
process.once("exit", () => tell({ kind: "pipes", count }));
// Whoever has waited long enough.
process.once("SIGINT", () => {
  tellAll("waits", snapshot());
  process.exit(130);
});

/** Lost ends are found by the garbage collector, and a short script ends before it has run. */
async function findLostEnds(): Promise<void> {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  for (let round = 0; round < 10; round++) {
    collect();
    await new Promise((resolve) => setTimeout(resolve));
  }
}

function tellAll(kind: Kind, pipes: readonly PipeReport[]): void {
  for (const pipe of pipes) {
    for (const { waitingMs, explanation } of pipe.waiting) {
      tell({ kind, thread: threadId, pipe, waitingMs, explanation });
    }
  }
}

/** At once: nothing runs after the process has ended. */
function tell(message: Message): void {
  writeSync(LINE, `${JSON.stringify(message)}\n`);
}
