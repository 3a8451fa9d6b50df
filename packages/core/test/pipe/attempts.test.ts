import { pipe } from "@pipe512/core";
import { expectSequence, sequence } from "@pipe512/testing/bytes";
import { rejection, thrown, watch } from "@pipe512/testing/promises";
import { pending, settle } from "@pipe512/testing/turns";
import { describe, expect, test } from "vitest";

describe("tryWrite()", () => {
  // Red when: tryWrite() of more bytes than fit accepts none.
  test("PipeWriter.tryWrite() accepts what fits now [PIPE-010]", () => {
    const { writer } = pipe();
    expect(writer.tryWrite(sequence(500))).toBe(500);
    expect(writer.tryWrite(sequence(500))).toBe(12);
    expect(writer.tryWrite(sequence(500))).toBe(0);
  });

  // Red when: tryWrite() fills the ring before the waiting reads are served.
  test("PipeWriter.tryWrite() fills the waiting reads, then the ring [PIPE-010]", async () => {
    const { reader, writer } = pipe();
    const [first, second] = [new Uint8Array(1000), new Uint8Array(30)];
    const reads = Promise.all([reader.read(first), reader.read(second)]);
    expect(writer.tryWrite(sequence(2000))).toBe(1542);
    expect(await reads).toEqual([1000, 30]);
    expectSequence(first);
    expectSequence(second, 1000);
    const rest = new Uint8Array(2000);
    expect(reader.tryRead(rest)).toBe(512);
    expectSequence(rest.subarray(0, 512), 1030);
  });

  // Red when: tryWrite() checks only the room, and overtakes the waiting writes.
  test("PipeWriter.tryWrite() returns 0 while other writes wait, although there is room [PIPE-006] [PIPE-010]", async () => {
    const { reader, writer } = pipe();
    const waiting = watch(writer.write(sequence(2000)));
    await reader.read(new Uint8Array(600));
    expect(writer.tryWrite(sequence(1))).toBe(0);
    await settle();
    expect(writer.tryWrite(sequence(1))).toBe(0);
    expect(waiting.state).toBe("pending");
  });

  // Red when: tryWrite() on a closed pipe returns 0.
  test("PipeWriter.tryWrite() throws what write() would reject with [PIPE-010]", async () => {
    const error = new Error("no more");
    const own = pipe();
    own.writer.close();
    expect(thrown(() => own.writer.tryWrite(sequence(1)))).toMatchObject({
      code: "ERR_CLOSED_PIPE",
      side: "writer",
    });
    const other = pipe();
    other.reader.close();
    expect(thrown(() => other.writer.tryWrite(sequence(1)))).toMatchObject({
      code: "ERR_CLOSED_PIPE",
      side: "reader",
    });
    const failed = pipe();
    failed.reader.closeWithError(error);
    expect(thrown(() => failed.writer.tryWrite(sequence(1)))).toBe(error);
    expect(await rejection(failed.writer.write(sequence(1)))).toBe(error);
  });
});

describe("tryRead()", () => {
  // Red when: tryRead() does not take the remaining bytes of the waiting write.
  test("PipeReader.tryRead() returns what is there now, in the ring and in the waiting write [PIPE-010]", async () => {
    const { reader, writer } = pipe();
    expect(reader.tryRead(new Uint8Array(10))).toBe(0);
    const writing = writer.write(sequence(1033));
    const into = new Uint8Array(2000);
    expect(reader.tryRead(into.subarray(0, 10))).toBe(10);
    expect(reader.tryRead(into.subarray(10))).toBe(1023);
    expectSequence(into.subarray(0, 1033));
    expect(reader.tryRead(into)).toBe(0);
    expect(await writing).toBe(1033);
  });

  // Red when: only the first read returns the end.
  test("PipeReader.tryRead() returns null at the end, and not before [PIPE-010]", async () => {
    const { reader, writer } = pipe();
    const writing = writer.write(sequence(1033));
    writer.close();
    expect(reader.tryRead(new Uint8Array(512))).toBe(512);
    expect(reader.tryRead(new Uint8Array(600))).toBe(521);
    expect(reader.tryRead(new Uint8Array(600))).toBe(null);
    expect(reader.tryRead(new Uint8Array(600))).toBe(null);
    expect(await writing).toBe(1033);
  });

  // Red when: the end is returned while a write that close() lets finish still has bytes.
  test("PipeReader.tryRead() into 0 bytes returns 0 while a write that close() let go on has not gone through [PIPE-009] [PIPE-010]", async () => {
    const { reader, writer } = pipe();
    const writing = writer.write(sequence(1033), { transfer: true });
    writer.close();
    expect(reader.tryRead(new Uint8Array(0))).toBe(0);
    expect(await pending(reader.closed)).toBe(true);
    expect(reader.tryReadChunk()).toHaveLength(1033);
    expect(reader.tryRead(new Uint8Array(0))).toBe(null);
    expect(await writing).toBe(1033);
  });

  // Red when: tryWrite() fills the ring before the waiting reads are served.
  test("PipeReader.tryRead() returns 0 while a read waits [PIPE-010]", async () => {
    const { reader, writer } = pipe();
    const waiting = reader.read(new Uint8Array(4));
    expect(reader.tryRead(new Uint8Array(4))).toBe(0);
    expect(reader.tryReadChunk()).toBe(undefined);
    writer.tryWrite(sequence(2));
    expect(await waiting).toBe(2);
  });

  // Red when: tryRead() returns null after the writer has failed.
  test("PipeReader.tryRead() throws what read() would reject with [PIPE-010]", () => {
    const error = new Error("no more");
    const own = pipe();
    own.reader.close();
    expect(thrown(() => own.reader.tryRead(new Uint8Array(1)))).toMatchObject({
      code: "ERR_CLOSED_PIPE",
      side: "reader",
    });
    expect(thrown(() => own.reader.tryReadChunk())).toMatchObject({
      code: "ERR_CLOSED_PIPE",
      side: "reader",
    });
    const failed = pipe();
    failed.writer.tryWrite(sequence(1));
    failed.writer.closeWithError(error);
    expect(failed.reader.tryRead(new Uint8Array(1))).toBe(1);
    expect(thrown(() => failed.reader.tryRead(new Uint8Array(1)))).toBe(error);
    expect(thrown(() => failed.reader.tryReadChunk())).toBe(error);
  });

  // Red when: tryReadChunk() returns null when it would have to wait.
  test("PipeReader.tryReadChunk() returns a chunk, undefined where a read would wait, and null at the end [PIPE-010]", () => {
    const { reader, writer } = pipe();
    expect(reader.tryReadChunk()).toBe(undefined);
    writer.tryWrite(sequence(100));
    expectSequence(reader.tryReadChunk({ maxBytes: 30 }) ?? new Uint8Array(0));
    const rest = reader.tryReadChunk() ?? new Uint8Array(0);
    expect(rest.length).toBe(70);
    expectSequence(rest, 30);
    writer.close();
    expect(reader.tryReadChunk()).toBe(null);
  });
});
