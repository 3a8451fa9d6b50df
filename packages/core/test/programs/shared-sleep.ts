import { setTimeout as sleep } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { attachReader, sharedPipe } from "@pipe512/core/shared";

// How much CPU a second of waiting costs: with nobody, with a thread that blocks, and with a call that waits by a promise.

const WAIT_MS = 1000;

async function cpuMs(): Promise<number> {
  await sleep(300); // Threads that just began are ready, and whoever spins has gone to sleep.
  const before = process.cpuUsage();
  await sleep(WAIT_MS);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

const blocking = sharedPipe();
const worker = new Worker(new URL("./shared-thread.ts", import.meta.url), {
  workerData: { task: "block", data: { handle: blocking.readerHandle } },
  execArgv: ["--conditions=@pipe512/source"],
});
await new Promise((resolve) => worker.once("message", resolve));
const waiting = sharedPipe();
void attachReader(waiting.readerHandle).read(new Uint8Array(1));
console.log(await cpuMs());
process.exit();
