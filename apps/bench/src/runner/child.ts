import { closeSync, openSync, readFileSync, readSync } from "node:fs";
import { createInterface } from "node:readline";
import { answer, failure, prepare } from "./measuring.ts";
import type { Reply, Request, Task } from "./protocol.ts";

// The process of one implementation and one scenario. It ends with its stdin, so it never outlives its parent.

async function serve(task: Task): Promise<void> {
  const scenario = await prepare(task, (mostBytes) => {
    return mostBytes === undefined ? readFileSync(task.file) : readHead(task.file, mostBytes);
  });
  reply({ ready: process.version });
  for await (const line of createInterface({ input: process.stdin })) {
    reply(await answer(scenario, JSON.parse(line) as Request));
  }
  process.exit();
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

function reply(sent: Reply): void {
  process.stdout.write(`${JSON.stringify(sent)}\n`);
}

// The parent decides when its children end, also when a terminal interrupts all of them at once.
process.on("SIGINT", () => {});
serve(JSON.parse(process.argv[2] ?? "") as Task).catch((error: unknown) => {
  reply(failure(error));
  process.exit();
});
