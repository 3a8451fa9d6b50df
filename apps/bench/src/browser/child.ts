import { answer, failure, prepare } from "../runner/measuring.ts";
import type { Reply, Request, Task } from "../runner/protocol.ts";
import type { Scenario } from "../scenarios/scenario.ts";
import { contenders } from "../subjects/contenders.ts";

// The page of one contender and one scenario, which its parent calls.

let scenario: Scenario<object>;

const child = {
  async prepare(task: Task): Promise<Reply> {
    try {
      scenario = await prepare(task, fetchFile);
      return { ready: globalThis.navigator.userAgent };
    } catch (error) {
      return failure(error);
    }
  },

  answer: (request: Request): Promise<Reply> => answer(scenario, request),

  /** Of each contender that cannot run in a page: why. */
  async absences(): Promise<Record<string, string>> {
    const reasons: Record<string, string> = {};
    for (const { name, load } of contenders) {
      try {
        await load?.();
      } catch (error) {
        reasons[name] = error instanceof Error ? error.message : String(error);
      }
    }
    return reasons;
  },
};

/** What a page answers to. */
export type Child = typeof child;

async function fetchFile(mostBytes: number | undefined): Promise<Uint8Array> {
  const response = await fetch(mostBytes === undefined ? "/file" : `/file?bytes=${mostBytes}`);
  return new Uint8Array(await response.arrayBuffer());
}

Object.assign(globalThis, { child });
