import { setTimeout as sleep } from "node:timers/promises";
import { isMainThread, threadId } from "node:worker_threads";
import { type Watch, snapshot, watch } from "@pipe512/core/diagnostics";
import { attachReader, attachWriter, sharedPipe } from "@pipe512/core/shared";
import { sequence } from "@pipe512/testing/bytes";
import { rejection } from "@pipe512/testing/promises";
import { afterEach, describe, expect, test } from "vitest";
import { inThread } from "../support/thread.ts";
import { isAttached } from "./memory.ts";

const here = isMainThread ? "the main thread" : `thread ${threadId}`;
let started: Watch | undefined;

afterEach(() => started?.stop());

/** The waiting operations, without their times. */
const waiting = (): string[] =>
  snapshot().flatMap((report) =>
    report.waiting.map(({ explanation }) => explanation.replace(/ has waited [\d.]+ m?s/, "")),
  );

describe("shared pipes under watch", () => {
  // Red when: an end is not registered, its wait is not recorded or stays after it is over; or the roster is read only once, at the call.
  test("a read that waits for another thread is listed with both threads until bytes come [SHARED-011]", async () => {
    started = watch();
    const { readerHandle, writerHandle } = sharedPipe();
    const reader = attachReader(readerHandle);
    expect(snapshot()).toEqual([]);
    const reading = reader.read(new Uint8Array(10));
    expect(waiting()).toEqual([`read on ${here} for a byte; no thread has the writer attached`]);
    expect(snapshot()).toMatchObject([
      {
        conversion: "attachReader",
        stack: expect.stringMatching(/^at .*diagnostics\.test\.ts/),
        waiting: [{ operation: "read" }],
      },
    ]);
    const { worker } = inThread("hold", { handle: writerHandle });
    const inWorker = `thread ${worker.threadId}`;
    await isAttached(writerHandle);
    expect(waiting()).toEqual([`read on ${here} for a byte; the writer is attached in ${inWorker}`]);
    await worker.terminate();
    reader.close();
    await rejection(reading);
    expect(snapshot()).toEqual([]);
  });

  // Red when: a wait in a worker is not recorded in its own watch, or names the thread of the other side.
  test("onStall() in a worker says on which thread the read waits, and where the writer is [SHARED-011]", async () => {
    const { readerHandle, writerHandle } = sharedPipe();
    const writer = attachWriter(writerHandle);
    const { worker, result } = inThread("readWatched", { handle: readerHandle });
    const inWorker = `thread ${worker.threadId}`;
    await isAttached(readerHandle);
    await sleep(100);
    await writer.write(sequence(1));
    const { stalled, left } = await result;
    expect(stalled).toMatch(
      new RegExp(`^read has waited \\d+ ms on ${inWorker} for a byte; the writer is attached in ${here}$`),
    );
    expect(left).toBe(0);
  });

  // Red when: one kind of call is described as another; an aborted call stays; or only the first end of a thread is listed.
  test("writes, flushes and iterations of every end of a thread are listed until they are over [SHARED-011]", async () => {
    started = watch();
    const { readerHandle, writerHandle } = sharedPipe({ writers: "many" });
    const reader = attachReader(readerHandle);
    const [first, second] = [attachWriter(writerHandle), attachWriter(writerHandle)];
    const aborts = new AbortController();
    const { signal } = aborts;
    const writing = rejection(first.write(sequence(600), { signal }));
    const more = rejection(second.write(sequence(1), { signal }));
    const flushing = rejection(second.flush({ signal }));
    const peer = "the reader is attached in this thread";
    expect(waiting()).toEqual([
      `write on ${here} for 88 bytes of room; ${peer}`,
      `write on ${here} for 1 byte of room; ${peer}`,
      `flush on ${here} for the reader to take what was written; ${peer}`,
    ]);
    aborts.abort();
    await Promise.all([writing, more, flushing]);
    expect(snapshot()).toEqual([]);
    await reader.readChunk();
    const [chunk, next] = [rejection(reader.readChunk()), reader.chunks().next()];
    expect(snapshot()).toMatchObject([{ waiting: [{ operation: "readChunk" }, { operation: "readChunk" }] }]);
    reader.close();
    await Promise.all([chunk, rejection(next)]);
    expect(snapshot()).toEqual([]);
  });

  // Red when: a wait that begins before the watch is recorded in it, or fails there.
  test("an end that was attached before the watch is not listed [SHARED-011]", async () => {
    const { readerHandle, writerHandle } = sharedPipe();
    const [reader, writer] = [attachReader(readerHandle), attachWriter(writerHandle)];
    started = watch();
    const reading = reader.read(new Uint8Array(1));
    expect(snapshot()).toEqual([]);
    await writer.write(sequence(1));
    expect(await reading).toBe(1);
  });
});
