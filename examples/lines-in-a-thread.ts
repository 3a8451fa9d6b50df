// A synchronous parser in its own thread: it reads line after line, and blocks if there is none. The main thread must not
// block. It sends the body of a `fetch` to the parser as it arrives.

import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { attachReader, attachWriter, type SharedHandle, sharedPipe, supervise } from "@pipe512/core/shared";

if (isMainThread) await feed(new URL("data:text/plain,apples 3%0Apears 4%0Aapples 5"));
else parse(workerData as SharedHandle<"reader">);

async function feed(url: URL): Promise<void> {
  const { readerHandle, writerHandle } = sharedPipe();
  const worker = new Worker(new URL(import.meta.url), { workerData: readerHandle });
  worker.on("message", (sums) => console.log(sums));
  supervise(worker, readerHandle); // If the parser dies, the writes below reject instead of waiting forever.
  const writer = attachWriter(writerHandle);
  const { body } = await fetch(url);
  for await (const chunk of body ?? []) await writer.write(chunk);
  writer.close();
}

function parse(handle: SharedHandle<"reader">): void {
  const sums: Record<string, number> = {};
  for (const line of attachReader(handle).linesSync()) {
    const [name = "", count] = line.split(" ");
    sums[name] = (sums[name] ?? 0) + Number(count);
  }
  parentPort?.postMessage(sums);
}
