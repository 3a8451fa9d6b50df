import { setTimeout as sleep } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { attachReader, attachWriter, sharedPipe } from "@pipe512/core/shared";

// Measures the CPU time of one second of waiting. One thread blocks in a read, and one at the mutex of many writers. Other calls wait by
// promises: for bytes, for room, for the mutex, for a flush, and for `closed`.

const WAIT_MS = 1000;

async function cpuMs(): Promise<number> {
  await sleep(300); // Gives new threads time to start, and every spinning thread time to park.
  const before = process.cpuUsage();
  await sleep(WAIT_MS);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

async function thread(task: string, handle: object): Promise<void> {
  const worker = new Worker(new URL("./shared-thread.ts", import.meta.url), {
    workerData: { task, data: { handle } },
    execArgv: ["--conditions=@pipe512/source"],
  });
  await new Promise((resolve) => worker.once("message", resolve));
}

const many = sharedPipe({ writers: "many" });
void attachWriter(many.writerHandle).write(new Uint8Array(1033)); // This call holds the mutex, and waits for room.
void attachWriter(many.writerHandle).write(new Uint8Array(1));
await Promise.all([thread("block", sharedPipe().readerHandle), thread("blockWriting", many.writerHandle)]);
const idle = sharedPipe();
const reader = attachReader(idle.readerHandle);
void reader.read(new Uint8Array(1));
void reader.closed;
const unread = sharedPipe();
const writer = attachWriter(unread.writerHandle);
writer.tryWrite(new Uint8Array(1));
void writer.flush();
console.log(await cpuMs());
process.exit();
