import { gunzipSync } from "node:zlib";
import { createGzip } from "node:zlib";
import { pipeline } from "node:stream/promises";
import { attachReader, sharedPipe } from "@pipe512/core/shared";
import { expectSequence } from "@pipe512/testing/bytes";
import { expect, test } from "vitest";
import { run } from "../support/child.ts";
import { inThread } from "../support/thread.ts";

// Red when: linesSync() is asynchronous; the parser's thread keeps the process alive.
test("SharedReader.linesSync() in examples/lines-in-a-thread.ts parses what the main thread fetches [SHARED-001]", async () => {
  const ending = await run("../../../../examples/lines-in-a-thread.ts");
  expect(ending).toEqual({ code: 0, lines: ["{ apples: 8, pears: 4 }"], stderr: "" });
});

// Red when: a chunk is a view of the ring, which the writing thread overwrites.
test("SharedReader streams a thread's output into gzip [SHARED-001] [SHARED-002]", async () => {
  const { readerHandle, writerHandle } = sharedPipe();
  inThread("feed", { handle: writerHandle, total: 100_003, seed: 5 });
  const parts: Buffer[] = [];
  await pipeline(attachReader(readerHandle), createGzip(), async (source: AsyncIterable<Buffer>) => {
    for await (const part of source) parts.push(part);
  });
  const bytes = gunzipSync(Buffer.concat(parts));
  expect(bytes).toHaveLength(100_003);
  expectSequence(bytes);
});
