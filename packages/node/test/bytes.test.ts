import { Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { pipe, readAll } from "@pipe512/core";
import { duplexPair, fromReadable, fromWritable, pipeDuplex, toReadable, toWritable } from "@pipe512/node";
import { describe, expect, test } from "vitest";
import { awkwardSizes, expectSequence, sequence } from "./support/bytes.ts";
import { drain, plainReader, plainWriter } from "./support/streams.ts";
import { settle, watch } from "./support/turns.ts";

describe.each(awkwardSizes)("%i bytes", (size) => {
  // Red when: the last byte of a chunk is not pushed.
  test.each([
    ["a pipe's reader", (reader: ReturnType<typeof pipe>["reader"]) => toReadable(reader)],
    ["a foreign reader", (reader: ReturnType<typeof pipe>["reader"]) => toReadable(plainReader(reader))],
    [
      "a foreign reader with tryRead()",
      (reader: ReturnType<typeof pipe>["reader"]) =>
        toReadable({ ...plainReader(reader), tryRead: (into) => reader.tryRead(into) }),
    ],
    [
      "a foreign reader with readChunk()",
      (reader: ReturnType<typeof pipe>["reader"]) =>
        toReadable({ ...plainReader(reader), tryReadChunk: (options) => reader.tryReadChunk(options) }),
    ],
  ])("toReadable() delivers them whole and in order over %s", async (_name, make) => {
    const { reader, writer } = pipe();
    const written = writer.write(sequence(size));
    writer.close();
    expectSequence(await drain(make(reader)), size);
    await written;
  });

  // Red when: the rest of a chunk is written from its beginning again.
  test.each([
    ["a pipe's writer", (writer: ReturnType<typeof pipe>["writer"]) => toWritable(writer)],
    ["a foreign writer", (writer: ReturnType<typeof pipe>["writer"]) => toWritable(plainWriter(writer))],
  ])("toWritable() writes them whole and in order to %s", async (_name, make) => {
    const { reader, writer } = pipe();
    const all = readAll(reader);
    const writable = make(writer);
    for (let at = 0; at < size; at += 300) writable.write(sequence(Math.min(300, size - at), at));
    writable.end();
    expectSequence(await all, size);
  });

  // Red when: a chunk delivered directly overtakes the bytes in the pipe.
  test.each([1, 300, 1033, 100_000])(
    "pipeDuplex() carries them in order, written %i at a time",
    async (step) => {
      const chunks = Array.from({ length: Math.ceil(size / step) }, (_, index) =>
        sequence(Math.min(step, size - index * step), index * step),
      );
      const parts: Buffer[] = [];
      const sink = new Writable({
        highWaterMark: 700,
        write(chunk: Buffer, _encoding, callback) {
          parts.push(chunk);
          if (parts.length % 3 === 0) setImmediate(callback);
          else callback();
        },
      });
      await pipeline(Readable.from(chunks, { objectMode: false }), pipeDuplex(), sink);
      expectSequence(Buffer.concat(parts), size);
    },
  );

  // Red when: the last byte of a chunk of the source is lost.
  test("fromReadable() reads them whole and in order", async () => {
    const source = Readable.from([sequence(size)], { objectMode: false });
    expectSequence(await readAll(fromReadable(source)), size);
  });

  // Red when: only the part of a chunk that fits into the sink's buffer is written.
  test("fromWritable() writes them whole and in order", async () => {
    const parts: Buffer[] = [];
    const sink = new Writable({
      highWaterMark: 100,
      write(chunk: Buffer, _encoding, callback) {
        parts.push(chunk);
        setImmediate(callback);
      },
    });
    const writer = fromWritable(sink);
    for (let at = 0; at < size; at += 300) void writer.write(sequence(Math.min(300, size - at), at));
    writer.close();
    await new Promise((resolve) => sink.on("finish", resolve));
    expectSequence(Buffer.concat(parts), size);
  });
});

describe("the arrays", () => {
  // Red when: toWritable() transfers the Buffer by default.
  test.each([
    ["toWritable()", () => pipeEnds()],
    ["pipeDuplex()", () => ((duplex) => ({ writable: duplex, readable: duplex }))(pipeDuplex())],
    ["duplexPair()", () => (([writable, readable]) => ({ writable, readable }))(duplexPair())],
  ])("%s allows a Buffer to be reused after its callback [NODE-010]", async (_name, make) => {
    for (const size of [16, 512, 513, 5000]) {
      const { writable, readable } = make();
      const arrived = watch(drain(readable));
      for (let at = 0; at < 3; at++) {
        const chunk = sequence(size, at * size);
        await new Promise<void>((resolve) => writable.write(chunk, () => resolve()));
        chunk.fill(0);
      }
      writable.end();
      await settle();
      expectSequence(arrived.value ?? Buffer.alloc(0), 3 * size);
    }
  });

  // Red when: chunks are pushed as views of an array that is reused.
  test.each([
    ["a pipe's reader", (reader: ReturnType<typeof pipe>["reader"]) => toReadable(reader)],
    ["a foreign reader", (reader: ReturnType<typeof pipe>["reader"]) => toReadable(plainReader(reader))],
  ])("toReadable() delivers Buffers that the consumer owns, over %s [NODE-010]", async (_name, make) => {
    const { reader, writer } = pipe();
    const readable = make(reader);
    const kept: Buffer[] = [];
    readable.on("data", (chunk: Buffer) => kept.push(chunk));
    for (let at = 0; at < 2000; at += 200) await writer.write(sequence(200, at));
    writer.close();
    await settle();
    expect(kept.every((chunk) => Buffer.isBuffer(chunk))).toBe(true);
    expectSequence(Buffer.concat(kept), 2000);
  });

  // Red when: a chunk shares its memory with another one, or with a written array.
  test.each([
    ["toWritable()", () => pipeEnds()],
    ["pipeDuplex()", () => ((duplex) => ({ writable: duplex, readable: duplex }))(pipeDuplex())],
    ["duplexPair()", () => (([writable, readable]) => ({ writable, readable }))(duplexPair())],
  ])("%s delivers Buffers that the consumer may change [NODE-010]", async (_name, make) => {
    for (const size of [16, 512, 513, 5000]) {
      const { writable, readable } = make();
      const written = [0, 1, 2].map((at) => sequence(size, at * size));
      let arrived = 0;
      readable.on("data", (chunk: Buffer) => {
        expect(chunk.equals(sequence(chunk.length, arrived))).toBe(true);
        arrived += chunk.length;
        chunk.fill(0);
      });
      for (const chunk of written) writable.write(chunk);
      writable.end();
      await settle();
      expect(arrived).toBe(3 * size);
      written.forEach((chunk, at) => expect(chunk.equals(sequence(size, at * size))).toBe(true));
    }
  });

  // Red when: `transfer` is not passed on, to the writer or to the reading half.
  test.each([
    ["toWritable()", () => pipeEnds({ transfer: true })],
    [
      "pipeDuplex()",
      () => ((duplex) => ({ writable: duplex, readable: duplex }))(pipeDuplex({ transfer: true })),
    ],
    [
      "duplexPair()",
      () => (([writable, readable]) => ({ writable, readable }))(duplexPair({ transfer: true })),
    ],
  ])(
    "%s with transfer delivers the memory of an array to a waiting consumer [NODE-010]",
    async (_name, make) => {
      for (const size of [16, 512, 513, 70_000]) {
        const { writable, readable } = make();
        const chunk = sequence(size);
        const arrived: Buffer[] = [];
        writable.on("error", () => {}); // It fails when the reading side is destroyed.
        readable.on("data", (data: Buffer) => arrived.push(data));
        await settle();
        if (size <= 65_536 || _name === "toWritable()") {
          writable.write(chunk);
          await settle();
          expect(arrived.map(({ buffer, byteLength }) => [buffer === chunk.buffer, byteLength])).toEqual([
            [true, size],
          ]);
        }
        readable.destroy();
      }
    },
  );

  // Red when: fromReadable() copies with `transfer`, or does not copy without it.
  test.each([true, false])(
    "fromReadable({ transfer: %s }) copies only without transfer [NODE-012]",
    async (transfer) => {
      const chunk = sequence(5000);
      const source = new Readable({ read() {} });
      const reader = fromReadable(source, { transfer });
      const read = reader.readChunk?.();
      source.push(chunk);
      source.push(null);
      const arrived = (await read) as Uint8Array;
      expect(arrived.buffer === chunk.buffer).toBe(transfer);
      expectSequence(arrived, 5000);
    },
  );

  // Red when: fromWritable() passes the array itself on.
  test("fromWritable() copies written arrays, except with `transfer` [NODE-012]", async () => {
    const kept: Buffer[] = [];
    const sink = new Writable({
      write: (chunk: Buffer, _encoding, callback) => {
        kept.push(chunk);
        callback();
      },
    });
    const writer = fromWritable(sink);
    const bytes = sequence(100);
    await writer.write(bytes);
    await writer.write(bytes, { transfer: true });
    expect(writer.tryWrite?.(bytes)).toBe(100);
    await settle();
    expect(kept.map(({ buffer }) => buffer === bytes.buffer)).toEqual([false, true, false]);
    const giving = fromWritable(sink, { transfer: true });
    await giving.write(bytes);
    expect(giving.tryWrite?.(bytes)).toBe(100);
    expect(kept.slice(3).map(({ buffer }) => buffer === bytes.buffer)).toEqual([true, true]);
    bytes.fill(0);
    expectSequence(kept[0] as Buffer, 100);
  });
});

describe("text", () => {
  const text = `${"x".repeat(511)}€${"é".repeat(300)}`;

  // Red when: strings are rejected, or written in UTF-8 in spite of their encoding.
  test.each(["utf8", "utf16le", "latin1", "ascii", "hex", "base64", "base64url"] as const)(
    "%s is encoded as by Node, and a character split at byte 512 arrives whole [NODE-009]",
    async (encoding) => {
      const given = encoding.startsWith("utf") ? text : Buffer.from(text).toString(encoding);
      const duplex = pipeDuplex();
      for (const { writable, readable } of [
        pipeEnds(),
        { writable: duplex, readable: duplex },
        (([one, other]) => ({ writable: one, readable: other }))(duplexPair()),
      ]) {
        const all = watch(drain(readable));
        writable.write(given, encoding);
        writable.setDefaultEncoding(encoding);
        writable.end(given);
        await settle();
        const bytes = Buffer.from(given, encoding);
        expect(all.value?.equals(Buffer.concat([bytes, bytes]))).toBe(true);
      }
    },
  );

  // Red when: each chunk is decoded separately.
  test("toReadable({ encoding }) delivers strings, no character of which is split [NODE-009]", async () => {
    const { reader, writer } = pipe();
    const readable = toReadable(reader, { encoding: "utf8", chunkSize: 512 });
    const written = writer.write(Buffer.from(text));
    writer.close();
    const parts = await readable.toArray();
    await written;
    expect(parts.join("")).toBe(text);
    expect(parts.join("")).not.toContain("\uFFFD");
  });

  // Red when: the option is not passed to Node.
  test.each([
    ["pipeDuplex()", () => ((duplex) => [duplex, duplex] as const)(pipeDuplex({ encoding: "utf8" }))],
    ["duplexPair()", () => duplexPair({ encoding: "utf8" })],
  ])(
    "%s delivers strings in its encoding, no character of which is split [NODE-009]",
    async (_name, make) => {
      const [writable, readable] = make();
      const bytes = Buffer.from(text);
      const parts: unknown[] = [];
      readable.on("data", (part: unknown) => parts.push(part));
      for (let at = 0; at < bytes.length; at += 513) writable.write(bytes.subarray(at, at + 513));
      await settle();
      expect(parts.every((part) => typeof part === "string")).toBe(true);
      expect(parts.join("")).toBe(text);
    },
  );

  // Red when: a string of the source is encoded as UTF-8 in spite of its encoding.
  test("fromReadable() encodes a source of strings in its own encoding [NODE-009]", async () => {
    for (const encoding of ["utf8", "hex", "base64"] as const) {
      const source = Readable.from([Buffer.from(text)], { objectMode: false }).setEncoding(encoding);
      expect(Buffer.from(await readAll(fromReadable(source))).toString()).toBe(text);
    }
  });
});

function pipeEnds(options: { transfer?: boolean } = {}): { writable: Writable; readable: Readable } {
  const { reader, writer } = pipe();
  return { writable: toWritable(writer, options), readable: toReadable(reader) };
}
