import { once } from "node:events";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { Worker } from "node:worker_threads";
import { createGzip, gunzipSync } from "node:zlib";
import { attachReader, attachWriter, type SharedHandle, sharedPipe } from "@pipe512/core/shared";
import { toReadable, toWritable } from "@pipe512/node";
import { expect, test } from "vitest";
import { expectSequence, sequence } from "./support/bytes.ts";

const TOTAL = 100_003;

function inThread(handle: SharedHandle): Worker {
  return new Worker(new URL("./programs/fed-thread.ts", import.meta.url), {
    workerData: { handle, total: TOTAL },
    execArgv: ["--conditions=@pipe512/source"],
  });
}

// Red when: a chunk is a view of the shared ring, which the thread continues to fill.
test("toReadable() streams the bytes of a thread into gzip [SHARED-001]", async () => {
  const { readerHandle, writerHandle } = sharedPipe();
  inThread(writerHandle);
  const parts: Buffer[] = [];
  await pipeline(
    toReadable(attachReader(readerHandle)),
    createGzip(),
    async (source: AsyncIterable<Buffer>) => {
      for await (const part of source) parts.push(part);
    },
  );
  expectSequence(gunzipSync(Buffer.concat(parts)), TOTAL);
});

// Red when: a write counts as accepted before the thread has made room, or the end is lost.
test("toWritable() streams a Readable to a blocking thread [SHARED-001]", async () => {
  const { readerHandle, writerHandle } = sharedPipe();
  const worker = inThread(readerHandle);
  const ended = once(worker, "message");
  const source = Readable.from([sequence(70_000), sequence(TOTAL - 70_000, 70_000)]);
  await pipeline(source, toWritable(attachWriter(writerHandle)));
  expect(await ended).toEqual([null]);
});
