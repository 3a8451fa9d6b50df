import { type Tasks, tasks } from "../programs/shared-tasks.ts";
import { loseEnds } from "../support/lost-ends.ts";

// A worker of a browser that carries out one task, of those that threads of Node have, or loses ends of pipes.

/** What is used of the scope of a worker. */
interface Scope {
  gc: () => void;
  addEventListener: (type: "message", listener: (event: MessageEvent) => void) => void;
  postMessage: (message: unknown) => void;
}

const scope = globalThis as unknown as Scope;
const all = { ...tasks, loseEnds: () => loseEnds(scope.gc) };

async function carryOut({ task, data }: { task: keyof Tasks; data: never }): Promise<void> {
  scope.postMessage({ ready: true });
  try {
    scope.postMessage({ value: await all[task](data) });
  } catch (error) {
    scope.postMessage({ error: (error as Error).message });
  }
}

scope.addEventListener("message", ({ data }) => void carryOut(data as never));
