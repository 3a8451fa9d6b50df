import { closeSync, openSync, readFileSync, readSync } from "node:fs";
import { createInterface } from "node:readline";
import type { Scenario } from "../scenarios/scenario.ts";
import { scenarios } from "../scenarios/scenarios.ts";
import { contender } from "../subjects/contenders.ts";
import type { Reply, Request, Task } from "./protocol.ts";

// The process of one contender and one scenario. It lives as long as its stdin, and so never longer than its parent.

async function serve(task: Task): Promise<void> {
  const scenario = await prepare(task);
  reply({ ready: process.version });
  for await (const line of createInterface({ input: process.stdin })) {
    reply(await answer(scenario, JSON.parse(line) as Request));
  }
  process.exit();
}

async function prepare({ contender: name, scenario, file, parameters }: Task): Promise<Scenario<object>> {
  const open = await contender(name).load?.();
  if (open === undefined) throw new Error(`${name} is not run by Node`);
  const bytes =
    parameters.poolBytes === undefined ? readFileSync(file) : readHead(file, parameters.poolBytes);
  return new scenarios[scenario](open, bytes, parameters);
}

function readHead(file: string, bytes: number): Uint8Array {
  const head = new Uint8Array(bytes);
  const descriptor = openSync(file, "r");
  try {
    return head.subarray(0, readSync(descriptor, head));
  } finally {
    closeSync(descriptor);
  }
}

async function answer(scenario: Scenario<object>, request: Request): Promise<Reply> {
  try {
    if ("measureMs" in request) return await scenario.measure(request.measureMs);
    await scenario.warmUp(request.warmUpMs);
    return {};
  } catch (error) {
    return { error: messageOf(error) };
  }
}

function reply(sent: Reply): void {
  process.stdout.write(`${JSON.stringify(sent)}\n`);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

// The parent decides when its contenders end, also when a terminal interrupts all of them at once.
process.on("SIGINT", () => {});
serve(JSON.parse(process.argv[2] ?? "") as Task).catch((error: unknown) => {
  reply({ error: messageOf(error) });
  process.exit();
});
