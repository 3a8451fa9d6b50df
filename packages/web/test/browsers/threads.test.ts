import { attachReader, sharedPipe } from "@pipe512/core/shared";
import { toReadableStream } from "@pipe512/web";
import { beforeEach, expect, test } from "vitest";

const hasSharedMemory = typeof SharedArrayBuffer !== "undefined";
beforeEach(({ skip }) => skip(!hasSharedMemory, "WebKitGTK has no SharedArrayBuffer in pages"));

// Red when: a chunk is a view of shared memory, which Response does not accept.
test.for([true, false])(
  "toReadableStream() is the body of a Response with the bytes of a worker, with byob %s [SHARED-001]",
  async (byob) => {
    const { readerHandle, writerHandle } = sharedPipe();
    const worker = new Worker(new URL("./counting-worker.ts", import.meta.url), { type: "module" });
    worker.postMessage({ handle: writerHandle, count: 3000 });
    const text = await new Response(toReadableStream(attachReader(readerHandle), { byob })).text();
    expect(text).toBe(Array.from({ length: 3000 }, (_, number) => `line ${number}\n`).join(""));
    worker.terminate();
  },
);
