import { getEventListeners } from "node:events";
import { finished } from "node:stream/promises";
import { pipe, type Reader, type Writer } from "@pipe512/core";
import { fromReadable, fromWritable, pipeDuplex, toDuplex, toReadable, toWritable } from "@pipe512/node";
import { describe, expect, test } from "vitest";
import { expectSequence, sequence } from "./support/bytes.ts";
import { drain, plainReader, plainWriter, record } from "./support/streams.ts";
import { rejection, settle } from "./support/turns.ts";

// Red when: a wrong value is accepted, or the message does not say what to do.
test("a wrong reader, writer or stream throws a TypeError that names the function to use [NODE-012]", () => {
  expect(() => toReadable(new ReadableStream() as never)).toThrow(/fromReadableStream\(\) of @pipe512\/web/);
  expect(() => toReadable(pipeDuplex() as never)).toThrow(/^reader must be a Reader.*use fromReadable\(\)/);
  expect(() => toWritable(pipeDuplex() as never)).toThrow(/^writer must be a Writer.*use fromWritable\(\)/);
  expect(() => toDuplex(pipe().reader, pipeDuplex() as never)).toThrow(/^writer must be a Writer/);
  expect(() => fromReadable(new ReadableStream() as never)).toThrow(
    /fromReadableStream\(\) of @pipe512\/web/,
  );
  expect(() => fromReadable(pipe().reader as never)).toThrow(/which is a Reader already/);
  expect(() => fromReadable([Buffer.from("x")] as never)).toThrow(/use fromIterable\(\)/);
  expect(() => fromWritable(new WritableStream() as never)).toThrow(
    /fromWritableStream\(\) of @pipe512\/web/,
  );
  expect(() => fromWritable(pipe().writer as never)).toThrow(/which is a Writer already/);
});

describe("a foreign reader or writer", () => {
  // Red when: the rest of a short write is lost.
  test("after a short write, the rest is written [NODE-019]", async () => {
    const { reader, writer } = pipe();
    const short: Writer = {
      ...plainWriter(writer),
      write: (bytes, options) => writer.write(bytes.subarray(0, 7), options),
    };
    const all = drain(toReadable(reader));
    toWritable(short).end(sequence(1033));
    expectSequence(await all, 1033);
  });

  // Red when: a wrong count is accepted.
  test.each([-1, 1.5, 1034, Number.NaN, "5", undefined])(
    "a write() that returns %o fails the stream",
    async (count) => {
      const writable = toWritable({ write: async () => count as number, close() {}, closeWithError() {} });
      writable.write(sequence(1033));
      const error = await rejection(finished(writable));
      expect([error instanceof TypeError, error.message]).toEqual([true, expect.stringContaining("write()")]);
    },
  );

  // Red when: a count of tryWrite() is not validated.
  test.each([-1, 1.5, 11, Number.NaN])(
    "a tryWrite() that answers %o for 10 bytes fails the stream [PIPE-065]",
    async (count) => {
      const writer: Writer = {
        tryWrite: () => count,
        write: async (bytes) => bytes.length,
        close() {},
        closeWithError() {},
      };
      const writable = toWritable(writer);
      writable.end(sequence(10));
      expect(await rejection(finished(writable))).toBeInstanceOf(TypeError);
    },
  );

  // Red when: a reader that returns nothing is called forever.
  test.each(["read", "readChunk"])(
    "a %s() that returns nothing repeatedly fails the stream",
    async (member) => {
      const reader: Reader = {
        read: async () => 0,
        ...(member === "readChunk" && { readChunk: async () => new Uint8Array(0) }),
        close() {},
        closeWithError() {},
      };
      expect(await rejection(finished(toReadable(reader).resume()))).toMatchObject({
        code: "ERR_NO_PROGRESS",
      });
    },
  );

  // Red when: a wrong count is accepted.
  test.each([-1, 70_000, "5", {}])("a read() that returns %o fails the stream", async (count) => {
    const reader: Reader = { read: async () => count as number, close() {}, closeWithError() {} };
    expect(await rejection(finished(toReadable(reader).resume()))).toBeInstanceOf(TypeError);
  });
});

describe("toDuplex()", () => {
  const connected = (): [ReturnType<typeof toDuplex>, ReturnType<typeof toDuplex>] => {
    const [there, back] = [pipe(), pipe()];
    return [toDuplex(back.reader, there.writer), toDuplex(there.reader, back.writer)];
  };

  // Red when: the two ways are swapped, or the end of one ends the other.
  test("toDuplex() reads and writes any two ends, half-open both ways [NODE-019]", async () => {
    const [there, back] = [pipe(), pipe()];
    const one = toDuplex(plainReader(back.reader), plainWriter(there.writer));
    const other = toDuplex(there.reader, back.writer);
    other.pipe(other);
    one.end(sequence(70_000));
    expectSequence(await drain(one), 70_000);
    await settle();
    expect([one.destroyed, other.destroyed]).toEqual([true, true]);
  });

  // Red when: the close of the reader destroys the stream.
  test("toDuplex() with readable: false closes its reader and can still be written [NODE-017] [NODE-019]", async () => {
    const [back, there] = [pipe(), pipe()];
    const duplex = toDuplex(back.reader, there.writer, { readable: false });
    await back.writer.closed;
    await settle();
    duplex.end(sequence(1033));
    expectSequence(await drain(toReadable(there.reader)), 1033);
    expect(duplex.errored).toBeNull();
  });

  // Red when: an error of one end leaves the other open, or is replaced.
  test("toDuplex() passes an error of either end, and of destroy(), to the other end [NODE-019]", async () => {
    const failure = new Error("broken");
    for (const side of ["reader", "writer"] as const) {
      const [there, back] = [pipe(), pipe()];
      const duplex = toDuplex(back.reader, there.writer).on("error", () => {});
      duplex.resume(); // Otherwise readable bytes would come before the error of the other way.
      const reading = rejection(there.reader.read(new Uint8Array(5)));
      if (side === "reader") there.reader.closeWithError(failure);
      else back.writer.closeWithError(failure);
      await settle();
      expect(duplex.errored).toBe(failure);
      if (side === "writer") expect(await reading).toBe(failure);
      else expect(await rejection(back.writer.write(sequence(1)))).toBe(failure);
    }
    const [one, other] = connected();
    other.on("error", () => {}).write(sequence(3));
    await settle();
    const parts: Buffer[] = [];
    one.on("data", (chunk: Buffer) => parts.push(chunk)).on("error", () => {});
    other.destroy(failure);
    await settle();
    expect([Buffer.concat(parts).length, one.errored]).toEqual([3, failure]);
  });

  // Red when: destroy() without an error is a clean end, as for a pair.
  test("toDuplex() that is destroyed without an error is a premature close for the other side [NODE-003] [NODE-019]", async () => {
    const [one, other] = connected();
    const events = record(other.resume(), "end", "error");
    one.destroy();
    await settle();
    expect(events).toEqual([["error", expect.objectContaining({ code: "ERR_STREAM_PREMATURE_CLOSE" })]]);
  });
});

// Red when: each stream or call adds a separate listener.
test("streams, writes and finish() share one listener of a signal [NODE-011]", async () => {
  const { signal } = new AbortController();
  const streams = Array.from({ length: 30 }, () => toDuplex(pipe().reader, pipe().writer, { signal }));
  const writers = Array.from({ length: 30 }, () => fromWritable(pipeDuplex()));
  const calls = writers.flatMap((writer) => [
    writer.write(sequence(2000), { signal }),
    writer.finish({ signal }),
  ]);
  for (const call of calls) call.catch(() => {});
  await settle();
  expect(getEventListeners(signal, "abort").length).toBe(1);
  for (const stream of streams) stream.destroy();
  for (const writer of writers) writer.closeWithError(new Error("over"));
});
