import { setTimeout as sleep } from "node:timers/promises";
import { attachReader, attachWriter, sharedPipe } from "@pipe512/core/shared";
import { sequence } from "@pipe512/testing/bytes";
import { rejection, thrown } from "@pipe512/testing/promises";
import { pending } from "@pipe512/testing/turns";
import { describe, expect, test } from "vitest";
import { inThread } from "../support/thread.ts";

describe('several ends of one side of "many" in one thread', () => {
  // Red when: each end has a queue of its own, so that the blocked thread cannot complete the read that holds the mutex.
  test("a readSync() completes the reads of other ends before it, also of a handle that came a second time [SHARED-006]", async () => {
    const { readerHandle, writerHandle } = sharedPipe({ readers: "many" });
    const [one, other] = [attachReader(readerHandle), attachReader(structuredClone(readerHandle))];
    const first = new Uint8Array(3);
    const reading = one.read(first);
    inThread("feed", { handle: writerHandle, total: 1033, seed: 6 });
    expect(other.readFullSync(new Uint8Array(1000), { timeoutMs: 20_000 })).toBe(1000);
    const count = await reading;
    expect([one.bytesRead, other.bytesRead]).toEqual([count, 1000]);
  });

  // Red when: each end has a queue of its own.
  test("a writeSync() completes the writes of other ends before it [SHARED-006]", async () => {
    const { readerHandle, writerHandle } = sharedPipe({ writers: "many" });
    const [one, other] = [attachWriter(writerHandle), attachWriter(writerHandle)];
    const writing = one.write(sequence(1033));
    const { result } = inThread("drain", { handle: readerHandle, seed: 1 });
    expect(other.writeSync(sequence(1033, 1033), { timeoutMs: 20_000 })).toBe(1033);
    other.close();
    expect(await Promise.all([writing, result])).toEqual([1033, 2066]);
    expect([one.bytesWritten, other.bytesWritten]).toEqual([1033, 1033]);
  });

  // Red when: a detached end still works; or detach() closes the side, or settles the calls of other ends.
  test("detach() leaves the side open for the others, and fails new calls of its own end [SHARED-003]", async () => {
    const { readerHandle, writerHandle } = sharedPipe({ writers: "many" });
    const [one, other] = [attachWriter(writerHandle), attachWriter(writerHandle)];
    const reader = attachReader(readerHandle);
    const writing = one.write(sequence(1033));
    one.detach();
    one.detach();
    await one.closed;
    expect(await pending(writing)).toBe(true);
    for (const call of [() => one.write(sequence(1)), () => one.flush()]) {
      expect(await rejection(call())).toMatchObject({ code: "ERR_CLOSED_PIPE", side: "writer" });
    }
    expect(thrown(() => one.tryWrite(sequence(1)))).toMatchObject({ code: "ERR_CLOSED_PIPE" });
    one.close();
    one.closeWithError(new Error("too late"));
    expect(await reader.read(new Uint8Array(512))).toBe(512);
    expect(await reader.read(new Uint8Array(600))).toBe(512);
    expect(await writing).toBe(1033);
    const last = other.write(sequence(5));
    other.close();
    expect(await last).toBe(5);
    expect(await reader.read(new Uint8Array(20))).toBe(14);
    expect(await reader.read(new Uint8Array(20))).toBe(null);
    const single = sharedPipe();
    expect(() => attachWriter(single.writerHandle).detach()).toThrow('writers: "many"');
  });
});

describe("one thread with both ends of a pipe", () => {
  // Red when: a call blocks although nothing can wake it; or a call with a timeout throws.
  test("a call that would block for ever throws a TypeError, and one with a timeout waits [SHARED-011]", async () => {
    const { readerHandle, writerHandle } = sharedPipe();
    const [reader, writer] = [attachReader(readerHandle), attachWriter(writerHandle)];
    expect(() => reader.readSync(new Uint8Array(1))).toThrow("this thread has both ends of the pipe");
    expect(() => reader.readSync(new Uint8Array(1), { timeoutMs: 1 })).toThrow("within 1 ms");
    expect(() => writer.writeSync(sequence(1033))).toThrow(TypeError);
    expect(reader.readSync(new Uint8Array(600))).toBe(512);
    await sleep(0);
    expect(writer.writeSync(sequence(512))).toBe(512);
  });

  // Red when: the pending calls of the other end are not run before the thread counts as stuck.
  test("a call that blocks lets the calls of the other end go on [SHARED-011]", async () => {
    const { readerHandle, writerHandle } = sharedPipe();
    const [reader, writer] = [attachReader(readerHandle), attachWriter(writerHandle)];
    const writing = writer.write(sequence(1033));
    const into = new Uint8Array(1033);
    expect(reader.readFullSync(into)).toBe(1033);
    expect(into).toEqual(sequence(1033));
    expect(await writing).toBe(1033);
  });
});
