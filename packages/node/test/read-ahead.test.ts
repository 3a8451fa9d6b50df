import { Readable, Writable } from "node:stream";
import { finished } from "node:stream/promises";
import { pipe, type Reader } from "@pipe512/core";
import { duplexPair, fromReadable, fromWritable, pipeDuplex, toReadable, toWritable } from "@pipe512/node";
import { describe, expect, test } from "vitest";
import { sequence } from "./support/bytes.ts";
import { plainReader } from "./support/streams.ts";
import { pending, rejection, settle, watch } from "./support/turns.ts";

/** The number of single-byte writes accepted before one must wait. */
async function takenBytes(write: (byte: Uint8Array) => Promise<unknown>): Promise<number> {
  for (let taken = 0; taken < 100_000; taken++) if (await pending(write(sequence(1, taken)))) return taken;
  throw new Error("Cannot count the bytes: no write has to wait");
}

/**
 * The number of bytes, in chunks of 100, that a stream accepts until write() returns false, including the last chunk.
 */
async function takenChunks(stream: Writable): Promise<number> {
  for (let taken = 100; taken < 100_000; taken += 100) {
    const isFull = !stream.write(sequence(100));
    await settle();
    if (isFull) return taken;
  }
  throw new Error("Cannot count the bytes: write() never returned false");
}

/** Writes a chunk, and resolves at its callback. */
const written = (stream: Writable, chunk: Uint8Array): Promise<void> =>
  new Promise((resolve, reject) => {
    stream.write(chunk, (error) => (error ? reject(error) : resolve()));
  });

describe("toReadable()", () => {
  // Red when: the stream reads in its constructor, or its highWaterMark is Node's default.
  test("toReadable() reads nothing before the consumer pulls, and nothing ahead afterwards [NODE-001]", async () => {
    const { reader, writer } = pipe();
    const readable = toReadable(reader);
    const waiting = watch(writer.write(sequence(513)));
    await settle();
    expect([reader.bytesRead, waiting.state]).toEqual([0, "pending"]);

    readable.once("readable", () => readable.read());
    await settle();
    expect([reader.bytesRead, waiting.state]).toEqual([513, "fulfilled"]);
    const stalled = watch(writer.write(sequence(1033)));
    await settle();
    expect([reader.bytesRead, stalled.state]).toEqual([513, "pending"]);
    readable.destroy();
  });

  // Red when: attaching pulls twice, because the stream continues after its first chunk.
  test("toReadable() pulls once for a `readable` listener, at most chunkSize bytes [NODE-001]", async () => {
    const { reader, writer } = pipe();
    const readable = toReadable(reader, { chunkSize: 100 }).on("readable", () => {});
    const waiting = watch(writer.write(sequence(1033)));
    await settle();
    expect([reader.bytesRead, readable.readableLength, waiting.state]).toEqual([100, 100, "pending"]);
    readable.destroy();
  });

  // Red when: read() of the stream reads again before the pending read has settled.
  test("toReadable() has at most one pending read, over a reader with only the required members [NODE-001]", async () => {
    const source = sequence(1033);
    let at = 0;
    let outstanding = 0;
    let most = 0;
    const reader: Reader = {
      async read(into) {
        most = Math.max(most, (outstanding += 1));
        await settle(1);
        outstanding -= 1;
        if (at === source.length) return null;
        const part = source.subarray(at, at + 100);
        into.set(part);
        at += part.length;
        return part.length;
      },
      close() {},
      closeWithError() {},
    };
    const readable = toReadable(reader);
    readable.on("readable", () => {});
    const chunks = await readable.toArray();
    expect(Buffer.concat(chunks).equals(source)).toBe(true);
    expect(most).toBe(1);
  });

  // Red when: the stream probes the reader although a pending read will fail.
  test("toReadable() has at most one pending read, even after the reader has closed [NODE-001]", async () => {
    const failure = new Error("gone");
    const reads: Array<(error: unknown) => void> = [];
    const reader: Reader = {
      closed: settle(3),
      read: () => new Promise((_, reject) => void reads.push(reject)),
      close() {},
      closeWithError() {},
    };
    const waiting = toReadable(reader).resume();
    const failed = rejection(finished(waiting));
    await settle();
    expect(reads.length).toBe(1);
    reads[0]?.(failure);
    expect(await failed).toBe(failure);

    const idle = toReadable({ ...reader, closed: settle(3) });
    await settle();
    expect(reads.length).toBe(2); // Without a pending read, the stream probes the reader by one.
    idle.resume();
    await settle();
    expect(reads.length).toBe(2);
    idle.destroy();
  });

  // Red when: the option is not passed on to Node.
  test("toReadable() reads ahead as much as highWaterMark allows [NODE-001]", async () => {
    const { reader, writer } = pipe();
    const readable = toReadable(reader, { highWaterMark: 1000, chunkSize: 100 });
    void writer.write(sequence(5000)).catch(() => {});
    readable.once("readable", () => {});
    await settle();
    expect([readable.readableHighWaterMark, reader.bytesRead]).toEqual([1000, 1000]);
    readable.destroy();
  });
});

describe("without a consumer", () => {
  // Red when: the stream buffers bytes, as with a highWaterMark of 512.
  test("toReadable() adds no byte to the 512 of the pipe [NODE-001]", async () => {
    const { reader, writer } = pipe();
    toReadable(reader);
    expect(await takenBytes((byte) => writer.write(byte))).toBe(512);
  });

  // Red when: a write calls back before the writer has accepted it.
  test("toWritable() adds the current chunk to the 512 bytes of the pipe [NODE-001]", async () => {
    const { reader, writer } = pipe();
    const writable = toWritable(writer).on("error", () => {});
    expect(await takenBytes((byte) => written(writable, byte))).toBe(512);
    expect([writable.writableLength, writable.writableNeedDrain]).toEqual([1, true]);
    expect(writer.bytesWritten).toBe(512);
    reader.close(); // Keeps it alive until here: a lost reader would fail the writes.
  });

  // Red when: highWaterMark has Node's default.
  test("write() of toWritable() returns false as soon as a chunk is pending [NODE-001]", async () => {
    const { reader, writer } = pipe();
    const writable = toWritable(writer).on("error", () => {});
    expect(writable.writableHighWaterMark).toBe(1);
    expect([writable.write(sequence(512)), writable.write(sequence(1))]).toEqual([true, false]);
    reader.close();
  });

  // Red when: highWaterMark is not passed on, or does not add to the bytes of the pipe.
  test.each([
    [
      "toWritable()",
      () => {
        const { reader, writer } = pipe();
        const writable = toWritable(writer, { highWaterMark: 1000 });
        return { writable, leave: () => reader.close() };
      },
    ],
    ["pipeDuplex()", () => ({ writable: pipeDuplex({ highWaterMark: 1000 }), leave() {} })],
    [
      "duplexPair()",
      () => {
        const [writable, other] = duplexPair({ highWaterMark: 1000 });
        return { writable, leave: () => void other.destroy() };
      },
    ],
  ])("%s accepts as many additional bytes as highWaterMark allows [NODE-001]", async (_name, make) => {
    const { writable, leave } = make();
    writable.on("error", () => {});
    const taken = await takenChunks(writable);
    // The pipe holds five chunks and 12 bytes of the next one. That one and nine more are the 1,000 bytes.
    expect([taken, writable.writableLength]).toEqual([1500, 1000]);
    leave(); // Keeps it alive until here: a lost reader would fail the writes.
  });

  // Red when: highWaterMark affects only one half.
  test.each([
    ["pipeDuplex()", () => ((duplex) => [duplex, duplex] as const)(pipeDuplex({ highWaterMark: 1000 }))],
    ["duplexPair()", () => duplexPair({ highWaterMark: 1000 })],
  ])("%s reads as many bytes ahead, once its consumer has pulled [NODE-001]", async (_name, make) => {
    const [writable, readable] = make();
    readable.on("readable", () => {});
    await settle();
    const taken = await takenChunks(writable);
    expect([taken, readable.readableLength, writable.writableLength]).toEqual([2500, 1000, 1000]);
  });

  // Red when: the duplex reads ahead, or calls back before the pipe has accepted the bytes.
  test.each([
    ["pipeDuplex()", 0, () => pipeDuplex()],
    ["duplexPair()", 1, () => duplexPair()[0]],
  ])("%s holds 512 bytes and the current chunk [NODE-001]", async (_name, mark, make) => {
    const duplex = make();
    expect([duplex.readableHighWaterMark, duplex.writableHighWaterMark]).toEqual([mark, 1]);
    expect(await takenBytes((byte) => written(duplex, byte))).toBe(512);
    expect([duplex.readableLength, duplex.writableLength]).toEqual([0, 1]);
  });

  // Red when: each chunk counts as a pull for the next one.
  test.each([
    ["pipeDuplex()", () => ((duplex) => [duplex, duplex] as const)(pipeDuplex())],
    ["duplexPair()", () => duplexPair()],
  ])("%s holds exactly one more chunk once its consumer has pulled [NODE-001]", async (_name, make) => {
    const [writable, readable] = make();
    readable.on("readable", () => {});
    await settle();
    await written(writable, sequence(1033));
    expect(await takenBytes((byte) => written(writable, byte))).toBe(512);
    expect([readable.readableLength, writable.writableLength]).toEqual([1033, 1]);
  });

  // Red when: fromReadable() pulls before the first read, or beyond the current chunk.
  test("fromReadable() pulls nothing before a read, then one chunk and the source's own buffer [NODE-001] [NODE-012]", async () => {
    let pulled = 0;
    const source = new Readable({
      highWaterMark: 1000,
      read() {
        pulled += 100;
        this.push(sequence(100));
      },
    });
    const reader = fromReadable(source);
    await settle();
    expect(pulled).toBe(0);
    expect(await reader.read(new Uint8Array(1))).toBe(1);
    await settle();
    expect(pulled).toBe(1100);
    for (let read = 1; read < 950; read++) await reader.read(new Uint8Array(1));
    await settle();
    expect(pulled).toBe(2000);
    reader.close();
  });

  // Red when: a write goes to the sink although its buffer is full.
  test("fromWritable() fills the sink's buffer, and later writes wait [NODE-001] [NODE-012]", async () => {
    const sink = new Writable({ highWaterMark: 1000, write() {} });
    const writer = fromWritable(sink);
    expect(await writer.write(sequence(400))).toBe(400);
    expect(await writer.write(sequence(400))).toBe(400);
    const third = watch(writer.write(sequence(400)));
    const fourth = watch(writer.write(sequence(400)));
    await settle();
    expect([third.state, fourth.state, sink.writableLength]).toEqual(["pending", "pending", 1200]);
    sink.destroy();
  });
});

// Red when: an empty chunk is pushed, which ends the pulling.
test.each(["read", "readChunk"])(
  "toReadable() reads again if %s() returns nothing [NODE-007]",
  async (member) => {
    const counts = [0, 0, 3, 0, 2, null];
    const next = async (): Promise<number | null> => counts.shift() ?? null;
    const chunk = async (): Promise<Uint8Array | null> => {
      const count = await next();
      return count === null ? null : sequence(count);
    };
    const reader: Reader = {
      read: next,
      ...(member === "readChunk" && { readChunk: chunk }),
      close() {},
      closeWithError() {},
    };
    const lengths: number[] = [];
    for await (const { length } of toReadable(reader)) lengths.push(length as number);
    expect(lengths).toEqual([3, 2]);
  },
);

// Red when: one array is pushed repeatedly for a reader without readChunk.
test("toReadable() reads no more of a foreign reader [NODE-001]", async () => {
  const { reader, writer } = pipe();
  const readable = toReadable(plainReader(reader));
  const waiting = watch(writer.write(sequence(513)));
  await settle();
  expect([reader.bytesRead, waiting.state]).toEqual([0, "pending"]);
  readable.destroy();
});
