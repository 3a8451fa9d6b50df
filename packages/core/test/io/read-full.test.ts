import { pipe, readFull, UnexpectedEndError } from "@pipe512/core";
import { expectSequence, sequence } from "@pipe512/testing/bytes";
import { rejection } from "@pipe512/testing/promises";
import { pending } from "@pipe512/testing/turns";
import { describe, expect, test } from "vitest";
import { cut, PlainReader } from "./plain-ends.ts";

describe("a full array", () => {
  // Red when: it resolves with the bytes of the first read.
  test.for([1, 511, 512, 513, 1024, 1033])(
    "readFull() fills %i bytes from chunks of 7 of any reader, and takes none beyond [PIPE-072]",
    async (length) => {
      const reader = new PlainReader(cut(sequence(2 * length), 7));
      const into = new Uint8Array(length);
      expect(await readFull(reader, into)).toBe(length);
      expectSequence(into);
      expect(await readFull(reader, into)).toBe(length);
      expectSequence(into, length);
      expect(await readFull(reader, into)).toBe(null);
    },
  );

  // Red when: a later read starts at the beginning of the array.
  test("readFull() waits until every byte has come through a pipe [PIPE-072]", async () => {
    const { reader, writer } = pipe();
    const into = new Uint8Array(1033);
    const reading = readFull(reader, into);
    await writer.write(sequence(1000));
    expect(await pending(reading)).toBe(true);
    await writer.write(sequence(33, 1000));
    expect(await reading).toBe(1033);
    expectSequence(into);
  });

  // Red when: an array that is a view into a buffer is filled at the beginning of the buffer.
  test("readFull() keeps to the part of a buffer that it is given [PIPE-072]", async () => {
    const whole = new Uint8Array(30);
    await readFull(new PlainReader(cut(sequence(10), 3)), whole.subarray(10, 20));
    expectSequence(whole.subarray(10, 20));
    expect([whole[9], whole[20]]).toEqual([0, 0]);
  });

  // Red when: an empty array counts as full without a call of read().
  test("readFull() answers an empty array as read does: 0, and null at the end [PIPE-072]", async () => {
    const { reader, writer } = pipe();
    expect(await readFull(reader, new Uint8Array(0))).toBe(0);
    writer.close();
    expect(await readFull(reader, new Uint8Array(0))).toBe(null);
  });
});

describe("the end", () => {
  // Red when: an end before the first byte counts as unexpected.
  test("readFull() resolves with null when the stream had ended [PIPE-072]", async () => {
    expect(await readFull(new PlainReader([]), new Uint8Array(10))).toBe(null);
  });

  // Red when: an end after the first byte resolves with null, as one before the first byte does.
  test.for([1, 511, 512])(
    "readFull() rejects with an UnexpectedEndError when the stream ends after %i of 513 bytes [PIPE-072]",
    async (length) => {
      const into = new Uint8Array(513);
      const error = await rejection(readFull(new PlainReader(cut(sequence(length), 7)), into));
      expect(error).toBeInstanceOf(UnexpectedEndError);
      expect(error).toMatchObject({
        code: "ERR_UNEXPECTED_END",
        bytesRead: length,
        message: `Cannot read 513 bytes: the stream ended after ${length}`,
      });
      expectSequence(into.subarray(0, length));
    },
  );

  // Red when: an error of the reader after the first byte becomes an UnexpectedEndError.
  test.for([[new Error("disk")], [undefined], [0]])(
    "readFull() rejects with the error of the reader, %o, and reports the bytes read [PIPE-072]",
    async ([error]) => {
      const into = new Uint8Array(513);
      const progress = { bytes: 99 };
      const reader = new PlainReader(cut(sequence(100), 7), { error });
      expect(await rejection(readFull(reader, into, { progress }))).toBe(error);
      expect(progress.bytes).toBe(100);
      expectSequence(into.subarray(0, 100));
    },
  );
});

describe("the signal", () => {
  // Red when: the signal is not checked before the first read.
  test("readFull() given an aborted signal reads nothing, even from a reader that ignores signals [PIPE-072]", async () => {
    const reader = new PlainReader([sequence(10)]);
    const progress = { bytes: 99 };
    const reading = readFull(reader, new Uint8Array(10), { signal: AbortSignal.abort(0), progress });
    expect(await rejection(reading)).toBe(0);
    expect(reader.asked).toEqual([]);
    expect(progress.bytes).toBe(0);
  });

  // Red when: the signal is not passed to the reads; or the progress counts only the last read.
  test("readFull() aborted inside reports the bytes read, and the next read goes on behind that [PIPE-072]", async () => {
    const { reader, writer } = pipe();
    const controller = new AbortController();
    const progress = { bytes: 0 };
    const into = new Uint8Array(1033);
    const reading = readFull(reader, into, { signal: controller.signal, progress });
    await writer.write(sequence(300));
    await writer.write(sequence(300, 300));
    expect(await pending(reading)).toBe(true);
    controller.abort(0);
    expect(await rejection(reading)).toBe(0);
    expect(progress.bytes).toBe(600);
    await writer.write(sequence(433, 600));
    expect(await readFull(reader, into.subarray(600))).toBe(433);
    expectSequence(into);
  });
});
