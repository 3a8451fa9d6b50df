import { answer, failure, prepare } from "../src/runner/measuring.ts";
import type { Reply, Request, Task } from "../src/runner/protocol.ts";
import type { Scenario } from "../src/scenarios/scenario.ts";

// The worker of one implementation, in which the engine runs no other implementation.

/** A request: to get ready for a task, or to measure. */
export type Question = Omit<Task, "file"> | Request;

const FILE = Uint8Array.from({ length: 1 << 20 }, (_, position) => position * 167);

let scenario: Scenario<object> | undefined;

async function reply(question: Question): Promise<Reply> {
  try {
    if (!("implementation" in question)) return await answer(scenario as Scenario<object>, question);
    scenario = await prepare(question, () => FILE);
    return {};
  } catch (error) {
    return failure(error);
  }
}

addEventListener("message", ({ data }: MessageEvent<Question>) => {
  void reply(data).then((sent) => postMessage(sent));
});
