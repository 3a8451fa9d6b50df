import { Worker } from "node:worker_threads";
import { sharedPipe } from "@pipe512/core/shared";
import { startAt } from "../shared/memory.ts";

// Moves a sequence between two threads, on one processor or on several. Prints the number of bytes received and the time taken. The arguments
// are the number of bytes, the seed, and the initial value of the counters: by default close to 2^32, so that they wrap.

const [total, seed, start = 2 ** 32 - 70_000] = process.argv.slice(2).map(Number) as [
  number,
  number,
  number?,
];
const { readerHandle, writerHandle } = sharedPipe();
startAt(writerHandle, start);
const thread = (task: string, data: object): Promise<number> =>
  new Promise((resolve, reject) => {
    const worker = new Worker(new URL("./shared-thread.ts", import.meta.url), {
      workerData: { task, data },
      execArgv: ["--conditions=@pipe512/source"],
    });
    worker.on("message", ({ value, error }: { value?: number; error?: { message: string } }) => {
      if (error !== undefined) reject(new Error(error.message));
      else if (value !== undefined) resolve(value);
    });
    worker.on("error", reject);
  });
const began = performance.now();
const counts = await Promise.all([
  thread("feed", { handle: writerHandle, total, seed }),
  thread("drain", { handle: readerHandle, seed: seed + 1 }),
]);
console.log(counts.join(" "));
console.error(`${Math.round(performance.now() - began)} ms`);
