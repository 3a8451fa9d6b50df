import { pipe, readAll } from "@pipe512/core";
import { expectWhole, sequence } from "@pipe512/testing/bytes";
import { rejection } from "@pipe512/testing/promises";
import { settle } from "@pipe512/testing/turns";
import { fromReadableStream, fromWritableStream, toReadableStream, toWritableStream } from "@pipe512/web";
import { describe, expect, test } from "vitest";
import { countedSignal } from "./support/signal.ts";

const reason = new Error("enough");

for (const byob of [true, false]) {
  describe(`toReadableStream({ signal }), ${byob ? "a byte stream" : "a plain stream"}`, () => {
    // Red when: the signal is ignored, or the writer gets another error.
    test("errors the stream with signal.reason at once, and the writer with it [WEB-014]", async () => {
      const { signal, counts, abort } = countedSignal();
      const { reader, writer } = pipe();
      const consumer = toReadableStream(reader, { byob, signal }).getReader();
      const reading = consumer.read();
      await settle();
      abort(reason);
      expect(await rejection(reading)).toBe(reason);
      expect(await rejection(consumer.closed)).toBe(reason);
      expect(await rejection(writer.write(sequence(1)))).toBe(reason);
      expect(counts.now).toBe(0);
    });

    // Red when: an aborted signal is ignored.
    test("makes an errored stream if the signal has aborted already [WEB-014]", async () => {
      const { reader, writer } = pipe();
      const signal = AbortSignal.abort(reason);
      expect(await rejection(toReadableStream(reader, { byob, signal }).getReader().read())).toBe(reason);
      expect(await rejection(writer.write(sequence(1)))).toBe(reason);
    });

    // Red when: the listener stays after an end.
    test("leaves no listener when the stream has ended, failed or been cancelled [WEB-014] [PIPE-032]", async () => {
      for (const end of ["close", "fail", "cancel"]) {
        const { signal, counts, abort } = countedSignal();
        const { reader, writer } = pipe();
        const consumer = toReadableStream(reader, { byob, signal }).getReader();
        consumer.closed.catch(() => {});
        expect(counts.now).toBe(1);
        if (end === "cancel") await consumer.cancel();
        else if (end === "close") writer.close();
        else writer.closeWithError("failed");
        await settle();
        expect(counts.now).toBe(0);
        abort(reason);
        if (end === "fail") expect(await rejection(consumer.read())).toBe("failed");
        else expect((await consumer.read()).done).toBe(true);
      }
    });
  });
}

describe("toWritableStream({ signal })", () => {
  // Red when: the abort waits for the current chunk, or loses accepted bytes.
  test("errors the stream with signal.reason at once, and the reader gets the accepted bytes, then the same error [WEB-014]", async () => {
    const { signal, counts, abort } = countedSignal();
    const { reader, writer } = pipe();
    const sink = toWritableStream(writer, { signal }).getWriter();
    const written = sink.write(sequence(1033));
    await settle();
    abort(reason);
    expect(await rejection(written)).toBe(reason);
    expect(await rejection(sink.closed)).toBe(reason);
    const into = new Uint8Array(1033);
    expectWhole(into.subarray(0, (await reader.read(into)) ?? 0), 512);
    expect(await rejection(reader.read(into))).toBe(reason);
    expect(counts.now).toBe(0);
  });

  // Red when: an aborted signal is ignored.
  test("makes an errored stream if the signal has aborted already [WEB-014]", async () => {
    const { reader, writer } = pipe();
    const sink = toWritableStream(writer, { signal: AbortSignal.abort(reason) }).getWriter();
    expect(await rejection(sink.closed)).toBe(reason);
    expect(await rejection(readAll(reader))).toBe(reason);
  });

  // Red when: the listener stays after an end.
  test("leaves no listener when the stream has closed, failed or been aborted [WEB-014] [PIPE-032]", async () => {
    for (const end of ["close", "fail", "abort"]) {
      const { signal, counts, abort } = countedSignal();
      const { reader, writer } = pipe();
      const sink = toWritableStream(writer, { signal }).getWriter();
      sink.closed.catch(() => {});
      expect(counts.now).toBe(1);
      if (end === "close") await sink.close();
      else if (end === "abort") await sink.abort("aborted");
      else reader.closeWithError("failed");
      await settle();
      expect(counts.now).toBe(0);
      abort(reason);
    }
  });

  // Red when: the listener stays after a write has failed.
  test("leaves no listener when a writer without `closed` has failed [WEB-014] [PIPE-032]", async () => {
    const { signal, counts } = countedSignal();
    const writer = { write: () => Promise.reject(reason), close() {}, closeWithError() {} };
    const sink = toWritableStream(writer, { signal }).getWriter();
    sink.closed.catch(() => {});
    expect(await rejection(sink.write(sequence(1)))).toBe(reason);
    expect(counts).toEqual({ now: 0, most: 1 });
  });

  // Red when: an abort removes the listener only when the writer's `closed` settles.
  test("leaves no listener when it is aborted while a writer without `closed` is idle [WEB-014] [PIPE-032]", async () => {
    const { signal, counts, abort } = countedSignal();
    const closings: unknown[] = [];
    const writer = {
      write: () => Promise.resolve(1),
      close() {},
      closeWithError: (error: unknown) => void closings.push(error),
    };
    const sink = toWritableStream(writer, { signal }).getWriter();
    await settle();
    abort(reason);
    expect(await rejection(sink.closed)).toBe(reason);
    expect(closings).toEqual([reason]);
    expect(counts).toEqual({ now: 0, most: 1 });
  });

  // Red when: finish() of the writer does not get the signal.
  test("rejects a close() that waits for a sink [WEB-014] [PIPE-016]", async () => {
    const { signal, abort } = countedSignal();
    const stuck = new WritableStream<Uint8Array>({ close: () => new Promise(() => {}) });
    const sink = toWritableStream(fromWritableStream(stuck), { signal }).getWriter();
    sink.closed.catch(() => {});
    const closed = sink.close();
    await settle();
    abort(reason);
    expect(await rejection(closed)).toBe(reason);
  });
});

// Red when: each stream, or each operation, adds a separate listener.
test("streams and operations on one signal share one listener, and the last one removes it [PIPE-032]", async () => {
  const { signal, counts, abort } = countedSignal();
  // Keeps both ends of each pipe reachable until the last line: a collected end would end its stream.
  const pipes = Array.from({ length: 200 }, () => pipe());
  const readers = pipes
    .slice(0, 100)
    .map(({ reader }) => fromReadableStream(toReadableStream(reader, { signal })));
  const writers = pipes
    .slice(100)
    .map(({ writer }) => fromWritableStream(toWritableStream(writer, { signal })));
  const operations = [
    ...readers.map((reader) => reader.read(new Uint8Array(1), { signal })),
    ...writers.map((writer) => writer.write(sequence(1033), { signal })),
  ].map((operation) => rejection(operation));
  await settle();
  expect(counts).toEqual({ now: 1, most: 1 });
  abort(reason);
  for (const operation of operations) expect(await operation).toBe(reason);
  expect(counts.now).toBe(0);
  expect(pipes).toHaveLength(200);
});

// Red when: a wrong value is accepted as a signal.
test("toReadableStream() and toWritableStream() throw for a wrong signal [WEB-014]", () => {
  const signal = "a signal" as never;
  const message = 'signal must be an AbortSignal; got the string "a signal"';
  expect(() => toReadableStream(pipe().reader, { signal })).toThrow(message);
  expect(() => toWritableStream(pipe().writer, { signal })).toThrow(message);
});
