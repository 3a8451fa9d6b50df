import { getEventListeners } from "node:events";
import { attachReader, attachWriter, sharedPipe } from "@pipe512/core/shared";
import { sequence } from "@pipe512/testing/bytes";
import { rejection, watch } from "@pipe512/testing/promises";
import { pending, settle } from "@pipe512/testing/turns";
import { describe, expect, test } from "vitest";
import { inThread } from "../support/thread.ts";
import { startAt } from "./memory.ts";

function open(start = 0) {
  const { readerHandle, writerHandle } = sharedPipe();
  startAt(writerHandle, start);
  return { reader: attachReader(readerHandle), writer: attachWriter(writerHandle) };
}

describe("SharedWriter.flush()", () => {
  // Red when: flush() resolves with the write, blocks later writes, or stays pending at a close.
  test("waits until every byte written before was read [SHARED-002] [PIPE-014]", async () => {
    const { reader, writer } = open();
    await writer.flush();
    void writer.write(sequence(600));
    const flushing = writer.flush();
    const later = writer.write(sequence(10, 600));
    writer.close();
    const into = new Uint8Array(599);
    expect(await reader.read(into)).toBe(512);
    expect(await reader.read(into.subarray(512))).toBe(87);
    await later;
    expect(await pending(flushing)).toBe(true);
    expect(await reader.read(into.subarray(0, 1))).toBe(1);
    await flushing;
    const left = writer.flush();
    reader.close();
    expect(await rejection(left)).toMatchObject({
      code: "ERR_CLOSED_PIPE",
      side: "reader",
      operation: "flush",
    });
  });

  // Red when: flush() waits for an empty ring, or for room that only a later write needs.
  test("does not wait for the bytes of later writes [SHARED-002] [PIPE-014]", async () => {
    const { reader, writer } = open();
    await writer.write(sequence(100));
    const first = writer.flush();
    const later = writer.write(sequence(1033, 100));
    const second = watch(writer.flush());
    expect(await reader.read(new Uint8Array(100))).toBe(100);
    await first;
    expect(second.state).toBe("pending");
    for (let left = 1033; left > 0; ) left -= (await reader.read(new Uint8Array(left))) ?? 0;
    expect(await later).toBe(1033);
    await settle();
    expect(second.state).toBe("fulfilled");
  });

  // Red when: flush() compares the counters without wrapping to 32 bits.
  test.for([2 ** 31, 2 ** 32])(
    "counts bytes on both sides of position %i [SHARED-007] [PIPE-014]",
    async (position) => {
      const { reader, writer } = open(position - 100);
      await writer.write(sequence(200));
      const flushing = writer.flush();
      expect(await reader.read(new Uint8Array(50))).toBe(50);
      expect(await pending(flushing)).toBe(true);
      expect(await reader.read(new Uint8Array(149))).toBe(149);
      expect(await pending(flushing)).toBe(true);
      expect(await reader.read(new Uint8Array(1))).toBe(1);
      await flushing;
    },
  );

  // Red when: a reading thread does not wake a flush.
  test("waits for a reader in another thread [SHARED-002] [PIPE-014]", async () => {
    const { readerHandle, writerHandle } = sharedPipe();
    const writer = attachWriter(writerHandle);
    const { result } = inThread("drain", { handle: readerHandle, seed: 1 });
    void writer.write(sequence(5000));
    await writer.flush();
    const words = new Int32Array(writerHandle.buffer);
    expect(words[32]).toBe(5000);
    writer.close();
    expect(await result).toBe(5000);
  });

  // Red when: flush() ignores its signal, or does not remove its listener; or an aborted flush also settles the next one.
  test("rejects on abort, and no other call is affected [SHARED-002] [PIPE-014] [PIPE-031] [PIPE-032]", async () => {
    const { reader, writer } = open();
    const controller = new AbortController();
    writer.tryWrite(sequence(10));
    const aborted = rejection(writer.flush({ signal: controller.signal }));
    const kept = writer.flush();
    controller.abort("stop");
    expect(await aborted).toBe("stop");
    expect(getEventListeners(controller.signal, "abort")).toEqual([]);
    expect(await pending(kept)).toBe(true);
    expect(reader.tryRead(new Uint8Array(10))).toBe(10);
    await kept;
    expect(await rejection(writer.flush({ signal: AbortSignal.abort("early") }))).toBe("early");
    expect(await rejection(writer.flush({ signal: {} as AbortSignal }))).toBeInstanceOf(TypeError);
  });

  // Red when: a flush does not count the dropped bytes of a write before it; or bytes that were accepted before an own error do not count as read.
  test("rejects once a close has dropped bytes, and not before [SHARED-002] [PIPE-014]", async () => {
    const { reader, writer } = open();
    writer.tryWrite(sequence(5));
    const first = writer.flush();
    const dropped = rejection(writer.write(sequence(1000)));
    const second = rejection(writer.flush());
    writer.closeWithError(new Error("stop"));
    expect(await dropped).toMatchObject({ code: "ERR_CLOSED_PIPE", bytesWritten: 507 });
    expect(await second).toMatchObject({ code: "ERR_CLOSED_PIPE", side: "writer" });
    expect(await reader.read(new Uint8Array(600))).toBe(512);
    await first;
  });

  // Red when: a flush after an own closeWithError() waits for the bytes that were accepted before.
  test("rejects after an own closeWithError(), and not after an own close() [SHARED-002] [PIPE-014] [PIPE-026]", async () => {
    const failed = open();
    failed.writer.tryWrite(sequence(10));
    failed.writer.closeWithError(new Error("stop"));
    expect(await rejection(failed.writer.flush())).toMatchObject({
      code: "ERR_CLOSED_PIPE",
      side: "writer",
      operation: "flush",
      cause: { message: "stop" },
    });
    expect(await failed.reader.read(new Uint8Array(20))).toBe(10);
    const ended = open();
    ended.writer.tryWrite(sequence(10));
    ended.writer.close();
    const flushing = ended.writer.flush();
    expect(await pending(flushing)).toBe(true);
    expect(await ended.reader.read(new Uint8Array(20))).toBe(10);
    await flushing;
    await ended.writer.flush();
  });

  // Red when: a flush that an own close() lets finish does not reject with the reader's error.
  test("fails with the error that the reader closed with [SHARED-002] [PIPE-014] [PIPE-024]", async () => {
    const { reader, writer } = open();
    writer.tryWrite(sequence(10));
    const flushing = rejection(writer.flush());
    writer.close();
    reader.closeWithError(new Error("gone"));
    expect(await flushing).toMatchObject({ name: "Error", message: "gone" });
  });
});
