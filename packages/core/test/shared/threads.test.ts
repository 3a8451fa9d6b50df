import { attachReader, attachWriter, sharedPipe } from "@pipe512/core/shared";
import { expectSequence, sequence } from "@pipe512/testing/bytes";
import { describe, expect, test, vi } from "vitest";
import { newSeed } from "../support/random.ts";
import { inThread } from "../support/thread.ts";
import { startAt } from "./memory.ts";

const TOTAL = 1 << 20;

describe("between two threads", () => {
  const seed = newSeed("bytes between threads");

  // Red when: a copy omits the part that wraps around; or the counters are compared without wrapping to 32 bits.
  test.for([
    ["feed", "drain", 0],
    ["feed", "drain", 2 ** 31 - 700],
    ["feed", "drain", 2 ** 32 - 700],
    ["feedAsync", "drain", 2 ** 32 - 700],
    ["feed", "drainAsync", 2 ** 31 - 700],
    ["feedAsync", "drainAsync", 2 ** 32 - 700],
  ] as const)(
    "a sequence arrives whole by %s and %s, with counters that start at %i [SHARED-001] [SHARED-007]",
    async ([feed, drain, start]) => {
      const { readerHandle, writerHandle } = sharedPipe();
      startAt(writerHandle, start);
      const fed = inThread(feed, { handle: writerHandle, total: TOTAL, seed });
      const drained = inThread(drain, { handle: readerHandle, seed: seed + 1 });
      expect(await Promise.all([fed.result, drained.result])).toEqual([TOTAL, TOTAL]);
    },
  );

  // Red when: SharedReader.linesSync() stops at the first read that has no terminator.
  test("SharedReader.linesSync() gives the lines that another thread sends piece by piece [SHARED-001]", async () => {
    const { readerHandle, writerHandle } = sharedPipe();
    const { result } = inThread("lines", { handle: readerHandle });
    const writer = attachWriter(writerHandle);
    const expected = Array.from({ length: 300 }, (_, index) => `line ${index} ${"ä".repeat(index % 7)}`);
    const text = new TextEncoder().encode(expected.join("\n"));
    for (let at = 0; at < text.length; at += 11) await writer.write(text.subarray(at, at + 11));
    writer.close();
    expect(await result).toEqual(expected);
  });

  // Red when: the timeout is not passed to Atomics.wait().
  test("SharedReader.readSync() blocks until a byte comes from another thread, or until its timeout [SHARED-001]", async () => {
    const { readerHandle, writerHandle } = sharedPipe();
    const reader = attachReader(readerHandle);
    expect(() => reader.readSync(new Uint8Array(4), { timeoutMs: 2 })).toThrow(
      expect.objectContaining({ name: "TimeoutError", code: "ERR_TIMEOUT", bytesRead: 0 }),
    );
    inThread("feed", { handle: writerHandle, total: 1033, seed });
    const into = new Uint8Array(1033);
    expect(reader.readFullSync(into, { timeoutMs: 20_000 })).toBe(1033);
    expectSequence(into);
    expect(reader.readFullSync(into)).toBe(null);
  });
});

describe("one thread with both ends", () => {
  // Red when: a blocking call goes before the earlier writes that wait by promises.
  test("SharedWriter.writeSync() comes after the writes of its thread that wait [SHARED-001] [SHARED-002]", async () => {
    const { readerHandle, writerHandle } = sharedPipe();
    const writer = attachWriter(writerHandle);
    const drained = inThread("drain", { handle: readerHandle, seed: 1 });
    const first = writer.write(sequence(5000));
    const second = writer.write(sequence(10, 5000));
    expect(writer.writeSync(sequence(600, 5010))).toBe(600);
    writer.close();
    expect(await Promise.all([first, second, drained.result])).toEqual([5000, 10, 5610]);
  });

  // Red when: a call that timed out stays in the queue; or its count is not reported.
  test("SharedWriter.writeSync() that times out reports the bytes accepted, and the pipe stays usable [SHARED-001]", async () => {
    const { readerHandle, writerHandle } = sharedPipe();
    const [reader, writer] = [attachReader(readerHandle), attachWriter(writerHandle)];
    expect(() => writer.writeSync(sequence(1033), { timeoutMs: 1 })).toThrow(
      expect.objectContaining({
        name: "TimeoutError",
        bytesWritten: 512,
        message: "Cannot write 1033 bytes within 1 ms: 512 were accepted",
      }),
    );
    const into = new Uint8Array(600);
    expect(reader.readSync(into)).toBe(512);
    expect(writer.writeSync(sequence(88, 512))).toBe(88);
    expect(reader.readSync(into.subarray(512))).toBe(88);
    expectSequence(into);
  });

  // Red when: the clock is read only before parking, and a reader that takes single bytes keeps the writer from parking.
  test("SharedWriter.writeSync() times out even if a reader takes one byte at a time [SHARED-001]", () => {
    const { readerHandle, writerHandle } = sharedPipe();
    const [reader, writer] = [attachReader(readerHandle), attachWriter(writerHandle)];
    const { load } = Atomics;
    const byte = new Uint8Array(1);
    let reading = false;
    // Simulates a reader in another thread that takes one byte whenever the writer checks.
    const looks = vi.spyOn(Atomics, "load").mockImplementation(((words: Int32Array, index: number) => {
      if (!reading) {
        reading = true;
        reader.tryRead(byte);
        reading = false;
      }
      return load(words, index);
    }) as typeof load);
    try {
      expect(() => writer.writeSync(new Uint8Array(1 << 20), { timeoutMs: 1 })).toThrow("within 1 ms");
    } finally {
      looks.mockRestore();
    }
  });

  // Red when: an end in the middle of a full read counts as a short read.
  test("SharedReader.readFullSync() reports the bytes read when the stream ends inside [SHARED-001]", () => {
    const { readerHandle, writerHandle } = sharedPipe();
    const [reader, writer] = [attachReader(readerHandle), attachWriter(writerHandle)];
    writer.writeSync(sequence(7));
    writer.close();
    expect(() => reader.readFullSync(new Uint8Array(8))).toThrow(
      expect.objectContaining({ code: "ERR_UNEXPECTED_END", bytesRead: 7 }),
    );
  });

  // Red when: leaving the loop does not close the reader; or a line that is too long leaves the pipe open.
  test("SharedReader.linesSync() closes the reader when the loop is left, and when a line is too long [SHARED-001]", () => {
    const text = new TextEncoder().encode("one\ntwo\nthree");
    for (const maxBytes of [100, 2]) {
      const { readerHandle, writerHandle } = sharedPipe();
      const [reader, writer] = [attachReader(readerHandle), attachWriter(writerHandle)];
      writer.writeSync(text);
      const first = () => {
        for (const line of reader.linesSync({ maxBytes })) return line;
        return undefined;
      };
      if (maxBytes === 100) expect(first()).toBe("one");
      else expect(first).toThrow(RangeError);
      expect(() => reader.readSync(new Uint8Array(1), { timeoutMs: 1000 })).toThrow(
        expect.objectContaining({ code: "ERR_CLOSED_PIPE" }),
      );
      expect(() => writer.writeSync(text, { timeoutMs: 1000 })).toThrow(
        maxBytes === 100 ? "the reader closed" : "raise maxBytes",
      );
    }
  });
});
