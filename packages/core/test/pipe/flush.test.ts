import { getEventListeners } from "node:events";
import { pipe } from "@pipe512/core";
import { sequence } from "@pipe512/testing/bytes";
import { rejection, watch } from "@pipe512/testing/promises";
import { pending, settle } from "@pipe512/testing/turns";
import { describe, expect, test } from "vitest";
import { drain } from "../support/drain.ts";

describe("waiting", () => {
  // Red when: flush() waits for one byte more than was written before the call.
  test("PipeWriter.flush() resolves at once when nothing is unread [PIPE-014]", async () => {
    const { reader, writer } = pipe();
    expect(await writer.flush()).toBe(undefined);
    await writer.write(sequence(10));
    await reader.read(new Uint8Array(10));
    expect(await writer.flush()).toBe(undefined);
  });

  // Red when: flush() resolves once everything is in the ring.
  test("PipeWriter.flush() waits until the reader has taken the last byte [PIPE-014]", async () => {
    const { reader, writer } = pipe();
    await writer.write(sequence(10));
    const flushing = writer.flush();
    await reader.read(new Uint8Array(9));
    expect(await pending(flushing)).toBe(true);
    await reader.read(new Uint8Array(1));
    expect(await flushing).toBe(undefined);
  });

  // Red when: flush() does not wait for pending writes.
  test("PipeWriter.flush() waits for writes that wait themselves [PIPE-014]", async () => {
    const { reader, writer } = pipe();
    const writes = [writer.write(sequence(1033)), writer.write(sequence(600)), writer.write(sequence(5))];
    const flushing = watch(writer.flush());
    for (const size of [1033, 604]) {
      let left = size;
      for (let reads = 0; reads < 5; reads++) left -= reader.tryRead(new Uint8Array(left)) ?? 0;
      expect(left).toBe(0);
      await settle();
    }
    expect(flushing.state).toBe("pending");
    await reader.read(new Uint8Array(1));
    await settle();
    expect(flushing.state).toBe("fulfilled");
    expect(await Promise.all(writes)).toEqual([1033, 600, 5]);
  });

  // Red when: flush() waits for an empty ring.
  test("PipeWriter.flush() does not wait for later writes [PIPE-014]", async () => {
    const { reader, writer } = pipe();
    await writer.write(sequence(100));
    const first = watch(writer.flush());
    const later = writer.write(sequence(1033));
    const second = watch(writer.flush());
    await reader.read(new Uint8Array(100));
    await settle();
    expect([first.state, second.state]).toEqual(["fulfilled", "pending"]);
    await reader.read(new Uint8Array(1033));
    await settle();
    expect(second.state).toBe("fulfilled");
    expect(await later).toBe(1033);
  });

  // Red when: flush() blocks the writes behind it.
  test("PipeWriter.flush() holds up no later write [PIPE-014]", async () => {
    const { writer } = pipe();
    await writer.write(sequence(100));
    const flushing = watch(writer.flush());
    expect(await writer.write(sequence(100))).toBe(100);
    expect(writer.tryWrite(sequence(100))).toBe(100);
    expect(flushing.state).toBe("pending");
  });

  // Red when: flush() waits for one byte more than was written before the call.
  test("PipeWriter.write() then flush() is a rendezvous [PIPE-014]", async () => {
    const { reader, writer } = pipe();
    const reading = reader.read(new Uint8Array(10));
    const written = watch(writer.write(sequence(10)));
    const flushed = watch(writer.flush());
    await settle();
    expect([written.state, flushed.state]).toEqual(["fulfilled", "fulfilled"]);
    expect(await reading).toBe(10);
  });

  // Red when: flush() does not wait for pending writes.
  test("PipeWriter.flush() waits for transferred arrays [PIPE-011] [PIPE-014]", async () => {
    const { reader, writer } = pipe();
    const writing = writer.write(sequence(1033), { transfer: true });
    const flushing = writer.flush();
    expect(await pending(flushing)).toBe(true);
    await reader.readChunk();
    expect(await flushing).toBe(undefined);
    expect(await writing).toBe(1033);
  });
});

describe("closing", () => {
  // Red when: flush() rejects after an own close().
  test("PipeWriter.flush() goes on after an own close(), and may be called after it [PIPE-014]", async () => {
    const { reader, writer } = pipe();
    const writing = writer.write(sequence(1033));
    const before = watch(writer.flush());
    writer.close();
    const after = watch(writer.flush());
    await reader.read(new Uint8Array(1032));
    await settle();
    expect([before.state, after.state]).toEqual(["pending", "pending"]);
    await reader.read(new Uint8Array(10));
    await settle();
    expect([before.state, after.state]).toEqual(["fulfilled", "fulfilled"]);
    expect(await writing).toBe(1033);
    expect(await writer.flush()).toBe(undefined);
  });

  // Red when: flush() resolves although a close has dropped bytes.
  test("PipeWriter.flush() rejects as a write would when the reader closes over unread bytes [PIPE-014] [PIPE-027]", async () => {
    const closed = pipe();
    closed.writer.tryWrite(sequence(10));
    const flushing = rejection(closed.writer.flush());
    closed.reader.close();
    expect(await flushing).toMatchObject({ code: "ERR_CLOSED_PIPE", side: "reader" });
    expect(await rejection(closed.writer.flush())).toMatchObject({ code: "ERR_CLOSED_PIPE", side: "reader" });
    const failed = pipe();
    failed.writer.tryWrite(sequence(10));
    const failing = rejection(failed.writer.flush());
    failed.reader.closeWithError(undefined);
    expect(await failing).toBe(undefined);
  });

  // Red when: flush() after an own close() rejects with the error of its own side.
  test("PipeWriter.flush() that an own close() let go on fails with the reader's error [PIPE-014] [PIPE-026]", async () => {
    const { reader, writer } = pipe();
    writer.tryWrite(sequence(10));
    const flushing = rejection(writer.flush());
    writer.close();
    reader.closeWithError("gone");
    expect(await flushing).toBe("gone");
  });

  // Red when: a failure of the own side does not settle the flushes behind the writes.
  test("PipeWriter.flush() rejects when an own closeWithError() cuts off a write before it [PIPE-014] [PIPE-022]", async () => {
    const { writer } = pipe();
    const writing = rejection(writer.write(sequence(1033)));
    const flushing = rejection(writer.flush());
    writer.closeWithError("gone");
    expect(await writing).toMatchObject({ code: "ERR_CLOSED_PIPE", side: "writer", bytesWritten: 512 });
    expect(await flushing).toMatchObject({ code: "ERR_CLOSED_PIPE", side: "writer" });
    expect(await rejection(writer.flush())).toMatchObject({ code: "ERR_CLOSED_PIPE", side: "writer" });
  });

  // Red when: a flush after an own closeWithError() checks only the dropped bytes.
  test("PipeWriter.flush() after an own closeWithError() rejects, even if no write was dropped [PIPE-014] [PIPE-026]", async () => {
    const { reader, writer } = pipe();
    writer.tryWrite(sequence(10));
    writer.closeWithError("gone");
    expect(await rejection(writer.flush())).toMatchObject({ code: "ERR_CLOSED_PIPE", side: "writer" });
    expect(await reader.read(new Uint8Array(20))).toBe(10);
  });

  // Red when: a flush counts the bytes of an aborted write.
  test("PipeWriter.flush() settles although a write before it was aborted [PIPE-014] [PIPE-031]", async () => {
    const { reader, writer } = pipe();
    const controller = new AbortController();
    const writing = rejection(writer.write(sequence(1033), { signal: controller.signal }));
    const flushing = watch(writer.flush());
    controller.abort("stop");
    expect(await writing).toBe("stop");
    writer.close();
    expect(await drain(reader)).toHaveLength(512);
    await settle();
    expect(flushing.state).not.toBe("pending");
  });
});

describe("signal", () => {
  // Red when: flush() ignores its signal.
  test("PipeWriter.flush() rejects with the reason of its signal, and the pipe goes on [PIPE-014] [PIPE-031]", async () => {
    const { reader, writer } = pipe();
    const controller = new AbortController();
    const writing = writer.write(sequence(1033));
    const aborted = rejection(writer.flush({ signal: controller.signal }));
    const kept = watch(writer.flush());
    const later = writer.write(sequence(10, 1033));
    controller.abort("stop");
    expect(await aborted).toBe("stop");
    expect(getEventListeners(controller.signal, "abort")).toHaveLength(0);
    await reader.read(new Uint8Array(1033));
    await settle();
    expect(kept.state).toBe("fulfilled");
    expect(await Promise.all([writing, later])).toEqual([1033, 10]);
    expect(await rejection(writer.flush({ signal: AbortSignal.abort("early") }))).toBe("early");
  });
});

describe("progress", () => {
  // Red when: the progress counts only bytes taken during the call, or counts none before the flush is first in the queue; or the error has no count.
  test("PipeWriter.flush({ progress }) counts what the reader has taken of all bytes written before the call [PIPE-014] [PIPE-015]", async () => {
    const { reader, writer } = pipe();
    const progress = { bytes: -1 };
    void writer.write(sequence(1033)).catch(() => {});
    await reader.read(new Uint8Array(100));
    const flushing = watch(writer.flush({ progress }));
    expect(progress.bytes).toBe(100);
    void writer.write(sequence(500)).catch(() => {}); // Not written before the call.
    await reader.read(new Uint8Array(500));
    expect(progress.bytes).toBe(600);
    await reader.read(new Uint8Array(700));
    await settle();
    expect(progress.bytes).toBe(1033);
    expect(flushing.state).toBe("fulfilled");
  });

  // Red when: the count is lost at a close.
  test("PipeWriter.write() then flush({ progress }) reports the n of Go's Write when the reader closes [PIPE-014] [PIPE-015]", async () => {
    for (const isCalledFirst of [true, false]) {
      const { reader, writer } = pipe();
      const progress = { bytes: -1 };
      await writer.write(sequence(6));
      const call = (): Promise<unknown> => rejection(writer.flush({ progress }));
      let failing = isCalledFirst ? call() : undefined;
      await reader.read(new Uint8Array(2));
      reader.close();
      failing ??= call();
      expect(await failing).toMatchObject({ code: "ERR_CLOSED_PIPE", side: "reader", bytesWritten: 2 });
      expect(progress.bytes).toBe(2);
    }
  });

  // Red when: the flush updates its progress after it has settled; or the count is lost at an abort.
  test("PipeWriter.flush({ progress, signal }) keeps its count when it is aborted [PIPE-014]", async () => {
    const { reader, writer } = pipe();
    writer.tryWrite(sequence(10));
    const aborting = new AbortController();
    const progress = { bytes: -1 };
    const reason = rejection(writer.flush({ progress, signal: aborting.signal }));
    await reader.read(new Uint8Array(3));
    aborting.abort("enough");
    expect(await reason).toBe("enough");
    await reader.read(new Uint8Array(3));
    expect(progress.bytes).toBe(3);
    expect(await rejection(writer.flush({ progress: 5 as never }))).toBeInstanceOf(TypeError);
  });
});
