import type { Scenario } from "../scenarios/scenario.ts";
import { scenarios } from "../scenarios/scenarios.ts";
import { implementation } from "../subjects/implementations.ts";
import type { Reply, Request, Task } from "./protocol.ts";

// Measures one implementation in one scenario, in a process or in a page. Only the transport of the requests differs.

/** @param file Reads the file that is sent, from its beginning as far as needed. */
export async function prepare(
  { implementation: name, scenario, parameters }: Omit<Task, "file">,
  file: (mostBytes: number | undefined) => Uint8Array | Promise<Uint8Array>,
): Promise<Scenario<object>> {
  const { load, hasThreads } = implementation(name);
  const open = await load?.();
  if (open === undefined) throw new Error(`${name} is not written in JavaScript`);
  // A thread that parks until the other one wakes it takes time but no CPU.
  const wallClock = hasThreads === true;
  return new scenarios[scenario](open, await file(parameters.poolBytes), { ...parameters, wallClock });
}

export async function answer(scenario: Scenario<object>, request: Request): Promise<Reply> {
  try {
    if ("measureMs" in request) return await scenario.measure(request.measureMs);
    await scenario.warmUp(request.warmUpMs);
    return {};
  } catch (error) {
    return failure(error);
  }
}

export function failure(error: unknown): Reply {
  return { error: error instanceof Error ? error.message : String(error) };
}
