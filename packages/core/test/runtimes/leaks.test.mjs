// Ends that are lost to the garbage collector, which each of these runtimes runs on request.
import assert from "node:assert/strict";
import { test } from "node:test";
import { pipe } from "@pipe512/core";
import { watch } from "@pipe512/core/diagnostics";

// Each end is made in a separate call, so that no variable references the other end.
const writerAlone = (name) => pipe({ name }).writer;
const readerAlone = (name) => pipe({ name }).reader;
const loseClosed = () => pipe({ name: "closed" }).writer.close();

/** Collects garbage until `isDone()`, or for a number of rounds after which no further result is expected. */
async function collected(isDone) {
  for (let round = 0; round < 200 && !isDone(); round++) {
    globalThis.gc();
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

test("watch({ onLeak }) reports ends that are collected without close(), and rejects a call that waits for one", async () => {
  const leaks = [];
  const watching = watch({ onLeak: ({ pipe: lost, ends }) => leaks.push(`${lost.name}: ${ends.join(" ")}`) });
  try {
    const writer = writerAlone("writes");
    const reader = readerAlone("reads");
    const idle = readerAlone("is idle");
    loseClosed();
    const told = [];
    const tell = (error) => told.push(`${error.code} ${error.side}`);
    writer.write(new Uint8Array(700)).catch(tell);
    reader.read(new Uint8Array(1)).catch(tell);
    await collected(() => leaks.length === 3 && told.length === 2);
    assert.deepEqual(new Set(leaks), new Set(["is idle: writer", "reads: writer", "writes: reader"]));
    assert.deepEqual(new Set(told), new Set(["ERR_ABANDONED_PIPE reader", "ERR_ABANDONED_PIPE writer"]));
    // Using the ends also keeps them alive, now that none of their calls waits.
    assert.deepEqual([writer.bytesWritten, reader.bytesRead, idle.bytesRead], [512, 0, 0]);
  } finally {
    watching.stop();
  }
});
