import { pipe, readAll } from "@pipe512/core";
import { expectSequence, sequence } from "@pipe512/testing/bytes";
import { rejection } from "@pipe512/testing/promises";
import { pending } from "@pipe512/testing/turns";
import { describe, expect, test } from "vitest";
import { cut, PlainReader } from "./plain-ends.ts";

describe("all the bytes", () => {
  // Red when: an array counts as full one byte early.
  test.for([0, 1, 511, 512, 513, 1024, 1033, 100_000])(
    "readAll() resolves with all of %i bytes of any reader, in chunks of 1033 [PIPE-071]",
    async (length) => {
      const bytes = await readAll(new PlainReader(cut(sequence(length), 1033)));
      expect(bytes.length).toBe(length);
      expectSequence(bytes);
    },
  );

  // Red when: the array that is being filled is missing from the result.
  test.for([0, 1, 511, 512, 513, 1024, 1033, 100_000])(
    "readAll() resolves with all of %i bytes of a pipe [PIPE-071]",
    async (length) => {
      const { reader, writer } = pipe();
      const writing = writer.write(sequence(length));
      writer.close();
      const bytes = await readAll(reader);
      expect(await writing).toBe(length);
      expect(bytes.length).toBe(length);
      expectSequence(bytes);
    },
  );

  // Red when: the result is a view of a part of a longer buffer.
  test("readAll() resolves with an array that spans its buffer [PIPE-071]", async () => {
    const bytes = await readAll(new PlainReader([sequence(700)]));
    expect(bytes.buffer.byteLength).toBe(700);
  });

  // Red when: the rejection is a new error whose cause is the reader's error.
  test.for([[new Error("disk")], [undefined], [0]])(
    "readAll() rejects with the error of the reader, %o [PIPE-071]",
    async ([error]) => {
      const { reader, writer } = pipe();
      await writer.write(sequence(300));
      writer.closeWithError(error);
      expect(await rejection(readAll(reader))).toBe(error);
    },
  );
});

describe("the bound", () => {
  // Red when: a stream of exactly maxBytes bytes is rejected.
  test.for([1, 511, 512, 513, 1033])(
    "readAll() takes %i bytes where that is maxBytes [PIPE-071]",
    async (maxBytes) => {
      const reader = new PlainReader([sequence(maxBytes)]);
      expectSequence(await readAll(reader, { maxBytes }));
      expect(reader.closings).toEqual([]);
    },
  );

  // Red when: a stream one byte longer than maxBytes is accepted.
  test.for([1, 511, 512, 513, 1033])(
    "readAll() rejects with a RangeError that names the bound of %i bytes, at one byte more [PIPE-071]",
    async (maxBytes) => {
      const reader = new PlainReader([sequence(maxBytes + 1)], "stall");
      const error = await rejection(readAll(reader, { maxBytes }));
      expect(error).toBeInstanceOf(RangeError);
      expect((error as RangeError).message).toBe(
        `Cannot read all: the stream has more than ${maxBytes} bytes; raise maxBytes`,
      );
    },
  );

  // Red when: the reader stays open after the bound is exceeded.
  test("readAll() rejects the pending write at the bound with the same RangeError [PIPE-071]", async () => {
    const { reader, writer } = pipe();
    const writing = rejection(writer.write(sequence(5000)));
    const error = await rejection(readAll(reader, { maxBytes: 1000 }));
    expect(error).toBeInstanceOf(RangeError);
    expect(await writing).toBe(error);
  });

  // Red when: the bound is not validated.
  test.for([
    [0, RangeError],
    [-1, RangeError],
    [1.5, RangeError],
    [Number.NaN, RangeError],
    ["9", TypeError],
  ] as const)("readAll() rejects with maxBytes %o before it reads [PIPE-071]", async ([maxBytes, type]) => {
    const reader = new PlainReader([sequence(10)]);
    expect(await rejection(readAll(reader, { maxBytes: maxBytes as number }))).toBeInstanceOf(type);
    expect([reader.asked, reader.closings]).toEqual([[], []]);
  });
});

describe("the signal", () => {
  // Red when: the signal is not checked before the first read.
  test("readAll() given an aborted signal reads nothing, even from a reader that ignores signals [PIPE-071]", async () => {
    const reader = new PlainReader([sequence(10)]);
    expect(await rejection(readAll(reader, { signal: AbortSignal.abort(0) }))).toBe(0);
    expect(reader.asked).toEqual([]);
  });

  // Red when: the signal is not passed to the reads.
  test("readAll() aborted while it waits rejects with the reason and leaves the reader open [PIPE-071]", async () => {
    const { reader, writer } = pipe();
    const controller = new AbortController();
    await writer.write(sequence(300));
    const reading = readAll(reader, { signal: controller.signal });
    expect(await pending(reading)).toBe(true);
    controller.abort(0);
    expect(await rejection(reading)).toBe(0);
    await writer.write(sequence(300, 300));
    writer.close();
    expectSequence(await readAll(reader), 300);
  });
});
