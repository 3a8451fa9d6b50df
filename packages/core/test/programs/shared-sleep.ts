import { setTimeout as sleep } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { attachReader, attachWriter, sharedPipe } from "@pipe512/core/shared";

// How much CPU a second of waiting costs: of a thread that blocks in a read and one that blocks at the mutex of many writers, of calls that wait
// by promises for bytes, for room, for the mutex and for a flush, and of `closed`.

const WAIT_MS = 1000;

async function cpuMs(): Promise<number> {
  await sleep(300); // Threads that just began are ready, and every spinning thread has parked.
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
void attachWriter(many.writerHandle).write(new Uint8Array(1033)); // It has the mutex, and waits for room.
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
