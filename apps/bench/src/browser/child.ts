import { answer, failure, prepare } from "../runner/measuring.ts";
import type { Reply, Request, Task } from "../runner/protocol.ts";
import type { Scenario } from "../scenarios/scenario.ts";
import { implementation } from "../subjects/implementations.ts";

// The page of one implementation and one scenario, which its parent calls.

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

  /** Loads an implementation and does nothing with it. */
  async load(name: string): Promise<Reply> {
    try {
      await implementation(name).load?.();
      return {};
    } catch (error) {
      return failure(error);
    }
  },
};

/** The functions that the parent can call. */
export type Child = typeof child;

async function fetchFile(mostBytes: number | undefined): Promise<Uint8Array> {
  const response = await fetch(mostBytes === undefined ? "/file" : `/file?bytes=${mostBytes}`);
  return new Uint8Array(await response.arrayBuffer());
}

Object.assign(globalThis, { child });
