import { copy, pipe } from "@pipe512/core";
import { expectSequence, expectWhole, joined, sequence } from "@pipe512/testing/bytes";
import { rejection, watch } from "@pipe512/testing/promises";
import { pending, settle } from "@pipe512/testing/turns";
import { describe, expect, test } from "vitest";
import { drain } from "../support/drain.ts";
import { cut, PlainReader, PlainWriter } from "./plain-ends.ts";

describe("what is copied", () => {
  // Red when: the whole array is written instead of the bytes that were read.
  test.for([0, 1, 511, 512, 513, 1024, 1033, 65_536, 65_537])(
    "copy() moves %i bytes from any reader to any writer and resolves with their number [PIPE-070]",
    async (length) => {
      const writer = new PlainWriter();
      expect(await copy(new PlainReader([sequence(length)]), writer)).toBe(length);
      const received = joined(writer.written);
      expect(received.length).toBe(length);
      expectSequence(received);
    },
  );

  // Red when: the copy stops at the first read that does not fill its array.
  test.for([0, 1, 511, 512, 513, 1024, 1033])(
    "copy() moves 7 writes of %i bytes from one pipe to another, in order [PIPE-070]",
    async (size) => {
      const source = pipe();
      const sink = pipe();
      const writing = (async () => {
        for (let turn = 0; turn < 7; turn++) await source.writer.write(sequence(size, turn * size));
        source.writer.close();
      })();
      const copying = copy(source.reader, sink.writer).finally(() => sink.writer.close());
      const received = await drain(sink.reader);
      await writing;
      expect(await copying).toBe(7 * size);
      expect(received.length).toBe(7 * size);
      expectSequence(received);
    },
  );

  // Red when: the copy closes the writer, or the reader, at the end.
  test("copy() closes neither side, so that several readers can be put together [PIPE-070]", async () => {
    const first = new PlainReader([sequence(1033)]);
    const second = new PlainReader([sequence(513, 1033)]);
    const writer = new PlainWriter();
    await copy(first, writer);
    await copy(second, writer);
    expectSequence(joined(writer.written));
    expect(joined(writer.written).length).toBe(1033 + 513);
    expect([first.closings, second.closings, writer.closings]).toEqual([[], [], []]);
  });

  // Red when: the next read is issued before the write has settled.
  test("copy() reads no further while a write waits [PIPE-070]", async () => {
    const reader = new PlainReader(cut(sequence(3 * 1033), 1033));
    const { reader: slow, writer } = pipe();
    const copying = copy(reader, writer);
    await settle();
    expect(reader.asked.length).toBe(1);
    await slow.read(new Uint8Array(1033));
    await settle();
    expect(reader.asked.length).toBe(2);
    slow.close();
    await rejection(copying);
  });
});

describe("errors", () => {
  // Red when: the copy rejects with a new error whose cause is the reader's error.
  test.for([[new Error("disk")], [undefined], [0]])(
    "copy() rejects with the error of the reader, %o, and leaves the writer open [PIPE-070]",
    async ([error]) => {
      const { reader, writer } = pipe();
      const progress = { bytes: 0 };
      const copying = copy(new PlainReader([sequence(300)], { error }), writer, { progress });
      expect(await rejection(copying)).toBe(error);
      expect(progress.bytes).toBe(300);
      writer.close();
      expectSequence(await drain(reader));
    },
  );

  // Red when: the copy rejects with a new error whose cause is the writer's error; or the current chunk is lost.
  test.for([[new Error("quota")], [undefined], [0]])(
    "copy() rejects with the error of the writer, %o, and leaves the reader open, with the bytes that were not written [PIPE-070]",
    async ([error]) => {
      const source = pipe();
      const sink = pipe();
      sink.reader.closeWithError(error);
      await source.writer.write(sequence(300));
      expect(await rejection(copy(source.reader, sink.writer))).toBe(error);
      const writing = source.writer.write(sequence(300, 300));
      source.writer.close();
      expectWhole(await drain(source.reader), 600);
      await writing;
    },
  );

  // Red when: the progress counts the bytes that were read.
  test("copy() keeps progress at what the writer accepted, also of a write that failed [PIPE-070]", async () => {
    const { reader, writer } = pipe();
    const progress = { bytes: 99 };
    const copying = watch(copy(new PlainReader([sequence(1033)]), writer, { progress }));
    expect(progress.bytes).toBe(0);
    await settle();
    reader.close();
    await settle();
    expect(copying.reason).toMatchObject({ code: "ERR_CLOSED_PIPE", bytesWritten: 512 });
    expect(progress.bytes).toBe(512);
  });

  // Red when: the bytes of the last write replace the count instead of adding to it.
  test("copy() adds up progress over all writes [PIPE-070]", async () => {
    const progress = { bytes: 0 };
    await copy(new PlainReader(cut(sequence(1033), 512)), new PlainWriter(), { progress });
    expect(progress.bytes).toBe(1033);
  });
});

describe("the signal", () => {
  // Red when: the signal is not checked before the first read.
  test("copy() given an aborted signal reads nothing, even from a reader that ignores signals [PIPE-070]", async () => {
    const reader = new PlainReader([sequence(10)]);
    const progress = { bytes: 99 };
    const reason = new Error("enough");
    const signal = AbortSignal.abort(reason);
    expect(await rejection(copy(reader, new PlainWriter(), { signal, progress }))).toBe(reason);
    expect(reader.asked).toEqual([]);
    expect(progress.bytes).toBe(0);
  });

  // Red when: the signal is not passed to the read.
  test("copy() aborted while it reads rejects with the reason and leaves both sides usable [PIPE-070]", async () => {
    const source = pipe();
    const sink = pipe();
    const controller = new AbortController();
    const copying = copy(source.reader, sink.writer, { signal: controller.signal });
    expect(await pending(copying)).toBe(true);
    controller.abort(0);
    expect(await rejection(copying)).toBe(0);
    await source.writer.write(sequence(300));
    source.writer.close();
    expect(await copy(source.reader, sink.writer)).toBe(300);
    sink.writer.close();
    expectSequence(await drain(sink.reader));
  });

  // Red when: the signal is not passed to the write.
  test("copy() aborted while it writes rejects with the reason and reports the bytes written [PIPE-070]", async () => {
    const { reader, writer } = pipe();
    const controller = new AbortController();
    const progress = { bytes: 0 };
    const copying = copy(new PlainReader([sequence(1033)]), writer, { signal: controller.signal, progress });
    expect(await pending(copying)).toBe(true);
    controller.abort(0);
    expect(await rejection(copying)).toBe(0);
    expect(progress.bytes).toBe(512);
    writer.close();
    expectSequence(await drain(reader));
  });

  // Red when: the signal is not checked between the read and the write.
  test("copy() aborted during a read that ignores it writes none of its bytes [PIPE-070]", async () => {
    const controller = new AbortController();
    const writer = new PlainWriter();
    const reader = new PlainReader([sequence(10)]);
    const copying = copy(reader, writer, { signal: controller.signal });
    controller.abort(0);
    expect(await rejection(copying)).toBe(0);
    expect(writer.written).toEqual([]);
  });
});

describe("transfer", () => {
  // Red when: the transfer option is not passed to the write.
  test("copy() with transfer writes the same array that a read transferred [PIPE-070]", async () => {
    const source = pipe();
    const sink = pipe();
    const bytes = sequence(4096);
    const writing = source.writer.write(bytes, { transfer: true });
    const copying = copy(source.reader, sink.writer, { transfer: true });
    expect(await sink.reader.readChunk()).toBe(bytes);
    await writing;
    source.writer.close();
    expect(await copying).toBe(4096);
  });

  // Red when: the copy reads chunks that it owns whenever the reader offers them.
  test("copy() without transfer reads into one array of its own [PIPE-070]", async () => {
    const source = pipe();
    const sink = pipe();
    const bytes = sequence(4096);
    const writing = source.writer.write(bytes, { transfer: true });
    const copying = copy(source.reader, sink.writer);
    const chunk = await sink.reader.readChunk();
    expect(chunk).not.toBe(bytes);
    expectSequence(chunk as Uint8Array);
    await writing;
    source.writer.close();
    expect(await copying).toBe(4096);
  });

  // Red when: the transfer option is passed to the write although the next read reuses the array.
  test("copy() with transfer uses its own array when the reader transfers none [PIPE-070]", async () => {
    const writer = new PlainWriter();
    await copy(new PlainReader([sequence(10)]), writer, { transfer: true });
    expectSequence(joined(writer.written));
    expect(writer.options[0]?.transfer).not.toBe(true);
  });
});
