import { attachWriter, type SharedHandle } from "@pipe512/core/shared";
import { tasks } from "../programs/shared-tasks.ts";
import { loseEnds } from "../support/lost-ends.ts";

// A browser worker that carries out one task: a task that the Node threads have as well, or one that loses ends of pipes.

/** The members of the worker's global scope that are used here. */
interface Scope {
  gc: () => void;
  addEventListener: (type: "message", listener: (event: MessageEvent) => void) => void;
  postMessage: (message: unknown) => void;
}

const scope = globalThis as unknown as Scope;
const all = { ...tasks, throwWithWriter, loseEnds: () => loseEnds(scope.gc) };

/** Writes, then throws in a later macrotask, where no handler catches the error. */
function throwWithWriter({ handle }: { handle: SharedHandle<"writer"> }): Promise<void> {
  const writer = attachWriter(handle);
  writer.writeSync(new Uint8Array(3));
  setTimeout(() => {
    throw Object.assign(new RangeError("out of paper"), { code: "EPAPER" });
  });
  return new Promise(() => {});
}

async function carryOut({ task, data }: { task: keyof typeof all; data: never }): Promise<void> {
  scope.postMessage({ ready: true });
  try {
    scope.postMessage({ value: await all[task](data) });
  } catch (error) {
    scope.postMessage({ error: (error as Error).message });
  }
}

scope.addEventListener("message", ({ data }) => void carryOut(data as never));
