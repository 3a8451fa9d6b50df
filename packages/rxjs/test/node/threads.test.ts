import { Worker } from "node:worker_threads";
import { lines } from "@pipe512/core";
import { attachReader, sharedPipe } from "@pipe512/core/shared";
import { readEach } from "@pipe512/rxjs";
import { lastValueFrom, take, toArray } from "rxjs";
import { expect, test } from "vitest";

function countInThread(count: number) {
  const { readerHandle, writerHandle } = sharedPipe();
  const worker = new Worker(new URL("../programs/counting-thread.ts", import.meta.url), {
    workerData: { handle: writerHandle, count },
    execArgv: ["--conditions=@pipe512/source"],
  });
  return { worker, reader: attachReader(readerHandle) };
}

// Red when: a line of a thread is lost or split.
test("readEach() reads the lines that a thread writes [SHARED-001]", async () => {
  const { reader } = countInThread(3000);
  const all = await lastValueFrom(readEach(lines(reader), async (line) => line).pipe(toArray()));
  expect(all).toEqual(Array.from({ length: 3000 }, (_, number) => `line ${number}`));
});

// Red when: unsubscribing leaves the thread waiting forever.
test("unsubscribing readEach() closes the pipe, which ends the blocked thread [SHARED-001]", async () => {
  const { worker, reader } = countInThread(1_000_000);
  const failed = new Promise((resolve) => {
    worker.once("error", resolve);
  });
  const some = readEach(lines(reader), async (line) => line).pipe(take(3), toArray());
  expect(await lastValueFrom(some)).toEqual(["line 0", "line 1", "line 2"]);
  expect(await failed).toMatchObject({ code: "ERR_CLOSED_PIPE" });
});
