import { setTimeout as sleep } from "node:timers/promises";
import { copy, lines, readFull, readText, writeText } from "@pipe512/core";
import { attachReader, attachWriter, type SharedHandle, sharedPipe } from "@pipe512/core/shared";
import { expectSequence, expectWhole, sequence } from "@pipe512/testing/bytes";
import { rejection, thrown } from "@pipe512/testing/promises";
import { describe, expect, test } from "vitest";
import { READER_SLEEPS, WRITER_SLEEPS } from "../../src/shared/layout.ts";
import { inThread } from "../support/thread.ts";

function open(options?: Parameters<typeof sharedPipe>[0]) {
  const { readerHandle, writerHandle } = sharedPipe(options);
  return { reader: attachReader(readerHandle), writer: attachWriter(writerHandle) };
}

/** Waits until a thread has announced that it parks on a word. */
async function asleep({ buffer }: SharedHandle, word: number): Promise<void> {
  while (new Int32Array(buffer)[word] === 0) await sleep(1);
}

describe("a call that blocks", () => {
  // Red when: a call of 0 bytes waits, or does not fail on a closed pipe.
  test("of 0 bytes returns at once, and fails like any call once the pipe is closed [SHARED-001] [PIPE-008] [PIPE-009]", () => {
    const { reader, writer } = open();
    const nothing = new Uint8Array(0);
    expect(writer.writeSync(nothing)).toBe(0);
    expect([reader.readSync(nothing), reader.readFullSync(nothing)]).toEqual([0, 0]);
    writer.writeSync(sequence(5));
    expect(reader.readSync(nothing)).toBe(0);
    writer.close();
    expect(thrown(() => writer.writeSync(nothing))).toMatchObject({
      code: "ERR_CLOSED_PIPE",
      side: "writer",
    });
    expect(reader.readSync(nothing)).toBe(0);
    expect(reader.readSync(new Uint8Array(9))).toBe(5);
    expect([reader.readSync(nothing), reader.readFullSync(nothing)]).toEqual([null, null]);
    reader.close();
    expect(thrown(() => reader.readSync(nothing))).toMatchObject({ code: "ERR_CLOSED_PIPE", side: "reader" });
  });

  // Red when: a call with a timeout of 0 has no effect, or waits.
  test("with a timeoutMs of 0 does what can be done now [SHARED-001]", () => {
    const { reader, writer } = open();
    const now = { timeoutMs: 0 };
    expect(thrown(() => reader.readSync(new Uint8Array(4), now))).toMatchObject({ name: "TimeoutError" });
    expect(writer.writeSync(sequence(500), now)).toBe(500);
    expect(thrown(() => writer.writeSync(sequence(500, 500), now))).toMatchObject({
      name: "TimeoutError",
      code: "ERR_TIMEOUT",
      bytesWritten: 12,
      bytesRead: 0,
    });
    expect([writer.bytesWritten, reader.bytesRead]).toEqual([512, 0]);
    const into = new Uint8Array(600);
    expect(reader.readSync(into, now)).toBe(512);
    expectSequence(into.subarray(0, 512));
    expect(reader.readFullSync(into.subarray(0, 0), now)).toBe(0);
  });

  // Red when: the bytes that a full read has received before its timeout are not reported, or are lost.
  test("SharedReader.readFullSync() that times out reports the bytes in the array, and the pipe stays usable [SHARED-001]", () => {
    const { reader, writer } = open();
    writer.writeSync(sequence(7));
    const into = new Uint8Array(10);
    expect(thrown(() => reader.readFullSync(into, { timeoutMs: 1 }))).toMatchObject({
      name: "TimeoutError",
      bytesRead: 7,
      bytesWritten: 0,
      message: "Cannot read 10 bytes within 1 ms: 7 were read",
    });
    expectSequence(into.subarray(0, 7));
    writer.writeSync(sequence(3, 7));
    expect(reader.readFullSync(into.subarray(7), { timeoutMs: Number.POSITIVE_INFINITY })).toBe(3);
    expectSequence(into);
  });

  // Red when: timeoutMs is not validated, or only after bytes were moved; or null counts as the default.
  test.for([Number.NaN, -1, "1", {}, null, true])(
    "with a timeoutMs of %s throws a RangeError, and moves nothing [SHARED-001] [PIPE-030]",
    (timeoutMs) => {
      const { reader, writer } = open();
      const options = { timeoutMs: timeoutMs as number };
      writer.writeSync(sequence(5));
      for (const call of [
        () => writer.writeSync(sequence(1), options),
        () => reader.readSync(new Uint8Array(1), options),
        () => reader.readFullSync(new Uint8Array(1), options),
      ]) {
        expect(call).toThrow(RangeError);
        expect(call).toThrow("must be a number of at least 0");
      }
      expect(reader.tryRead(new Uint8Array(9))).toBe(5);
      reader.close();
      expect(() => reader.readSync(new Uint8Array(1), options)).toThrow(RangeError);
      expect(() => writer.writeSync(sequence(1), options)).toThrow(RangeError);
    },
  );

  // Red when: the argument is not validated; or a bad argument is rejected only after the check for a close.
  test("with a value that is not a Uint8Array throws a TypeError that names the remedy [SHARED-001] [PIPE-060] [PIPE-030]", () => {
    for (const close of [false, true]) {
      const { reader, writer } = open();
      if (close) reader.close();
      expect(() => writer.writeSync("text" as never)).toThrow("encode it, or use writeText()");
      for (const value of [new ArrayBuffer(4), [1], undefined]) {
        expect(() => writer.writeSync(value as never)).toThrow(TypeError);
        expect(() => writer.tryWrite(value as never)).toThrow(TypeError);
        expect(() => reader.readSync(value as never)).toThrow(TypeError);
        expect(() => reader.readFullSync(value as never)).toThrow(TypeError);
        expect(() => reader.tryRead(value as never)).toThrow(TypeError);
      }
    }
    const { reader } = open();
    expect(() => reader.linesSync({ maxBytes: "1" as never })).toThrow(TypeError);
    expect(() => reader.linesSync({ maxBytes: 0 })).toThrow(RangeError);
  });

  // Red when: a blocking call goes before the earlier reads of its thread that wait by promises.
  test("comes after the reads of its thread that wait [SHARED-001] [SHARED-006] [PIPE-007]", async () => {
    const { readerHandle, writerHandle } = sharedPipe();
    const reader = attachReader(readerHandle);
    const first = new Uint8Array(3);
    const reading = reader.read(first);
    inThread("feed", { handle: writerHandle, total: 1033, seed: 6 });
    const into = new Uint8Array(1030);
    expect(reader.readFullSync(into)).toBe(1030);
    const count = (await reading) as number;
    expectSequence(first.subarray(0, count));
    expectSequence(into, count);
  });

  // Red when: a blocking call in one thread is not woken by the close in another.
  test.for([
    ["block", "close", null],
    ["block", "closeWithError", { name: "RangeError", message: "enough" }],
    [
      "blockWriting",
      "close",
      { code: "ERR_CLOSED_PIPE", message: /1033 bytes: the reader closed after 512/ },
    ],
    ["blockWriting", "closeWithError", { name: "RangeError", message: "enough" }],
  ] as const)(
    "rejects or ends when another thread closes: %s, %s() [SHARED-001] [PIPE-027]",
    async ([task, way, outcome]) => {
      const { readerHandle, writerHandle } = sharedPipe();
      const isReader = task === "block";
      const { result } = isReader
        ? inThread("block", { handle: readerHandle })
        : inThread("blockWriting", { handle: writerHandle });
      await asleep(readerHandle, isReader ? READER_SLEEPS : WRITER_SLEEPS);
      const end = isReader ? attachWriter(writerHandle) : attachReader(readerHandle);
      end[way](new RangeError("enough"));
      if (outcome === null) {
        expect(await result).toBe(null);
        return;
      }
      const { message, ...rest } = outcome;
      expect(await rejection(result)).toMatchObject({ ...rest, message: expect.stringMatching(message) });
    },
  );
});

describe("what is written against Reader and Writer", () => {
  // Red when: an end lacks a member of Reader or Writer, or a member behaves differently.
  test("works on the ends: writeText(), copy(), lines(), readFull() and readText() [SHARED-001] [PIPE-070]", async () => {
    const [source, target] = [open(), open()];
    const text = Array.from({ length: 200 }, (_, index) => `line ${index} ${"ä".repeat(index % 9)}`).join(
      "\n",
    );
    const writing = writeText(source.writer, text).then(() => source.writer.close());
    const copying = copy(source.reader, target.writer).then(() => target.writer.close());
    const read: string[] = [];
    for await (const line of lines(target.reader)) read.push(line);
    expect(read.join("\n")).toBe(text);
    await Promise.all([writing, copying]);
    const { reader, writer } = open();
    void writeText(writer, "xyäz").then(() => writer.close());
    const head = new Uint8Array(2);
    expect(await readFull(reader, head)).toBe(2);
    expect(await readText(reader)).toBe("äz");
  });

  // Red when: chunks have a fixed length; or a read leaves bytes behind.
  test("works on an end whose other end another thread has: copy() [SHARED-001] [PIPE-070]", async () => {
    const [first, second] = [sharedPipe(), sharedPipe()];
    const fed = inThread("feedAsync", { handle: first.writerHandle, total: 30_011, seed: 1 });
    const drained = inThread("drain", { handle: second.readerHandle, seed: 2 });
    const writer = attachWriter(second.writerHandle);
    expect(await copy(attachReader(first.readerHandle), writer)).toBe(30_011);
    writer.close();
    expect(await Promise.all([fed.result, drained.result])).toEqual([30_011, 30_011]);
  });
});

// Red when: a copy ignores the byte offset of the view.
test("SharedWriter.write() of a view writes what the view shows, over shared memory too [SHARED-002] [PIPE-062]", async () => {
  const { reader, writer } = open();
  for (const buffer of [new ArrayBuffer(1000), new SharedArrayBuffer(1000)]) {
    const bytes = new Uint8Array(buffer, 100, 400);
    bytes.set(sequence(400));
    expect(writer.writeSync(bytes)).toBe(400);
    const into = new Uint8Array(buffer, 550, 450);
    const count = reader.readSync(into) as number;
    expectWhole(into.subarray(0, count), 400);
  }
});
