import { PassThrough, Readable, Writable } from "node:stream";
import { pipe, type Reader, type Writer } from "@pipe512/core";
import {
  duplexPair,
  fromReadable,
  fromWritable,
  pipeDuplex,
  toDuplex,
  toReadable,
  toWritable,
} from "@pipe512/node";
import { describe, expect, test } from "vitest";
import { sequence } from "./support/bytes.ts";
import { rejection, settle } from "./support/turns.ts";

describe("values of a wrong type", () => {
  test.each([5, null, undefined, "reader", {}, pipe().writer, { read() {} }])(
    "toReadable() throws for %o",
    (value) => {
      expect(() => toReadable(value as unknown as Reader)).toThrow(TypeError);
      expect(() => toReadable(value as unknown as Reader)).toThrow(/^reader must be a Reader, with read\(\)/);
      expect(() => toDuplex(value as unknown as Reader, pipe().writer)).toThrow(/^reader must be a Reader/);
    },
  );

  test.each([5, null, undefined, {}, pipe().reader])("toWritable() throws for %o", (value) => {
    expect(() => toWritable(value as Writer)).toThrow(TypeError);
    expect(() => toWritable(value as Writer)).toThrow(/^writer must be a Writer, with write\(\)/);
    expect(() => toDuplex(pipe().reader, value as Writer)).toThrow(/^writer must be a Writer/);
  });

  test.each([5, null, undefined, {}, new Writable(), pipe().reader])(
    "fromReadable() throws for %o",
    (value) => {
      expect(() => fromReadable(value as Readable)).toThrow(TypeError);
      expect(() => fromReadable(value as Readable)).toThrow(
        /^readable must be a Readable of node:stream; got /,
      );
    },
  );

  test.each([5, null, undefined, {}, new Readable(), pipe().writer])(
    "fromWritable() throws for %o",
    (value) => {
      expect(() => fromWritable(value as Writable)).toThrow(TypeError);
      expect(() => fromWritable(value as Writable)).toThrow(
        /^writable must be a Writable of node:stream; got /,
      );
    },
  );
});

describe("options", () => {
  const makers: ReadonlyArray<(options: object) => unknown> = [
    (options) => toReadable(pipe().reader, options),
    (options) => toWritable(pipe().writer, options),
    (options) => pipeDuplex(options),
    (options) => duplexPair(options),
    (options) => toDuplex(pipe().reader, pipe().writer, options),
  ];
  const readers = makers.filter((_make, index) => index !== 1);

  test.each([
    [{ highWaterMark: -1 }, RangeError, "highWaterMark must be an integer of at least 0; got -1"],
    [{ highWaterMark: 1.5 }, RangeError, "highWaterMark"],
    [{ highWaterMark: Number.NaN }, RangeError, "highWaterMark"],
    [
      { highWaterMark: "512" },
      TypeError,
      'highWaterMark must be an integer of at least 0; got the string "512"',
    ],
    [{ chunkSize: 0 }, RangeError, "chunkSize must be an integer of at least 1; got 0"],
    [{ chunkSize: null }, TypeError, "chunkSize"],
    [{ signal: {} }, TypeError, "signal must be an AbortSignal; got"],
    [{ signal: null }, TypeError, "signal must be an AbortSignal; got"],
  ] as const)("%o throws", (options, kind, message) => {
    for (const make of "chunkSize" in options ? readers : makers) {
      expect(() => make(options)).toThrow(kind);
      expect(() => make(options)).toThrow(message);
    }
  });

  // Red when: the option is ignored, and the stream carries bytes.
  test.each(["objectMode", "readableObjectMode", "writableObjectMode"])(
    "%s throws a TypeError [NODE-009]",
    (name) => {
      for (const make of makers)
        expect(() => make({ [name]: true })).toThrow(
          new RegExp(`^${name} must be omitted: a pipe carries bytes`),
        );
      for (const make of makers) expect(() => make({ [name]: false })).not.toThrow();
    },
  );

  test("an unknown encoding throws Node's own error", () => {
    const encoding = "klingon" as BufferEncoding;
    expect(() => toReadable(pipe().reader, { encoding })).toThrow(
      expect.objectContaining({ code: "ERR_UNKNOWN_ENCODING" }),
    );
  });

  test("a call that throws does not change the pipe", async () => {
    const { reader, writer } = pipe();
    expect(() => toReadable(reader, { highWaterMark: -1 })).toThrow(RangeError);
    expect(() => toWritable(writer, { highWaterMark: -1 })).toThrow(RangeError);
    await writer.write(sequence(5));
    expect(await reader.read(new Uint8Array(9))).toBe(5);
  });
});

describe("streams", () => {
  // Red when: objects are read as bytes.
  test("a sink in object mode throws a TypeError, and is not changed [NODE-009]", () => {
    const stream = new PassThrough({ objectMode: true });
    expect(() => fromWritable(stream)).toThrow(/^writable must accept bytes; got a stream in object mode/);
    expect([stream.destroyed, stream.eventNames()]).toEqual([
      false,
      new PassThrough({ objectMode: true }).eventNames(),
    ]);
  });

  test("a flowing stream throws a TypeError that says what to do", () => {
    const stream = new PassThrough().resume();
    expect(() => fromReadable(stream)).toThrow(
      /^readable must be paused; got a flowing stream: call pause\(\) first/,
    );
    expect(stream.destroyed).toBe(false);
    stream.pause();
    fromReadable(stream).close();
  });

  // Red when: a destroyed stream ends cleanly, or operations on it hang.
  test("a destroyed stream fails the first operation [NODE-012]", async () => {
    const failure = new Error("gone before");
    for (const [error, read, write] of [
      [undefined, "ERR_STREAM_PREMATURE_CLOSE", "ERR_CLOSED_PIPE"],
      [failure, undefined, undefined],
    ] as const) {
      const source = new PassThrough().on("error", () => {});
      const sink = new PassThrough().on("error", () => {});
      source.destroy(error);
      sink.destroy(error);
      await settle();
      const reading = await rejection(fromReadable(source).read(new Uint8Array(1)));
      const writing = await rejection(fromWritable(sink).write(sequence(1)));
      if (error === undefined) expect([reading.code, writing.code]).toEqual([read, write]);
      else expect([reading, writing]).toEqual([failure, failure]);
    }
  });

  // Red when: a wrong value is written.
  test("writing a wrong value throws a TypeError [NODE-009]", async () => {
    const sink = new PassThrough();
    const writer = fromWritable(sink);
    for (const value of ["text", 5, null, new ArrayBuffer(5), new DataView(new ArrayBuffer(5))]) {
      expect(await rejection(writer.write(value as unknown as Uint8Array))).toBeInstanceOf(TypeError);
      expect(() => writer.tryWrite?.(value as unknown as Uint8Array)).toThrow(TypeError);
    }
    expect(await rejection(writer.write("text" as never))).toMatchObject({
      message: "Cannot write a string: encode it, or use writeText()",
    });
    const detached = sequence(5);
    structuredClone(detached.buffer, { transfer: [detached.buffer] });
    expect(await rejection(writer.write(detached))).toBeInstanceOf(TypeError);
    expect(() => pipeDuplex().write({})).toThrow(expect.objectContaining({ code: "ERR_INVALID_ARG_TYPE" }));
    expect(sink.writableLength).toBe(0);
    expect(await rejection(fromReadable(new PassThrough()).read("into" as never))).toBeInstanceOf(TypeError);
  });
});
