import { writeSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { threadId } from "node:worker_threads";
import { type PipeReport, pipeOf, snapshot, watch } from "@pipe512/core/diagnostics";
import { reportDeadlocks } from "@pipe512/node";
import { type Kind, LINE, type Message } from "./finding.ts";

// Runs in the process of the script, before the script. The query of its address contains the stall time.

const stallAfterMs = Number(new URL(import.meta.url).searchParams.get("stallAfterMs"));
/** The codes of the errors of pipes, also of pipes that were made before the watch. */
const PIPE_CODES: ReadonlySet<unknown> = new Set(["ERR_CLOSED_PIPE", "ERR_ABANDONED_PIPE"]);
let count = 0;

const watching = watch({
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
process.on("uncaughtExceptionMonitor", tellError);
process.once("exit", () => {
  collector()(); // Find lost ends now, because no iteration of the event loop follows.
  watching.stop();
  tell({ kind: "pipes", count });
});
// The operations that have waited long enough.
process.once("SIGINT", () => {
  tellAll("waits", snapshot());
  process.exit(130);
});

/** The garbage collector finds lost ends, and a short script ends before a collection. */
async function findLostEnds(): Promise<void> {
  const collect = collector();
  for (let round = 0; round < 10; round++) {
    collect();
    await new Promise((resolve) => setTimeout(resolve));
  }
}

function collector(): () => void {
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc") as () => void;
}

/** Reports an error that ends the process, if it is an error of a pipe. */
function tellError(error: unknown): void {
  const pipe = pipeOf(error);
  const { code, message } = (typeof error === "object" ? (error ?? {}) : {}) as {
    code?: unknown;
    message?: unknown;
  };
  if (pipe === undefined && !PIPE_CODES.has(code)) return;
  const explanation = `an error that a pipe gave ended the script, since nothing handled it: ${String(message)}`;
  tell({ kind: "error", thread: threadId, pipe, waitingMs: 0, explanation });
}

function tellAll(kind: Kind, pipes: readonly PipeReport[]): void {
  for (const pipe of pipes) {
    for (const { waitingMs, explanation } of pipe.waiting) {
      tell({ kind, thread: threadId, pipe, waitingMs, explanation });
    }
  }
}

/** Writes synchronously, because nothing runs after the process has ended. */
function tell(message: Message): void {
  writeSync(LINE, `${JSON.stringify(message)}\n`);
}
