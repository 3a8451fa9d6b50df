import { Readable, Writable } from "node:stream";
import { finished } from "node:stream/promises";
import { pipe, type Reader } from "@pipe512/core";
import { duplexPair, fromReadable, fromWritable, pipeDuplex, toReadable, toWritable } from "@pipe512/node";
import { describe, expect, test } from "vitest";
import { sequence } from "./support/bytes.ts";
import { plainReader } from "./support/streams.ts";
import { pending, rejection, settle, watch } from "./support/turns.ts";

/** Bytes that are taken from a writer of single bytes before it has to wait. */
async function takenBytes(write: (byte: Uint8Array) => Promise<unknown>): Promise<number> {
  for (let taken = 0; taken < 100_000; taken++) if (await pending(write(sequence(1, taken)))) return taken;
  throw new Error("Nothing made the writer wait");
}

/** Bytes in chunks of 100 that a stream takes before it says that it is full, the last one included. */
async function takenChunks(stream: Writable): Promise<number> {
  for (let taken = 100; taken < 100_000; taken += 100) {
    const isFull = !stream.write(sequence(100));
    await settle();
    if (isFull) return taken;
  }
  throw new Error("Nothing made the stream full");
}

/** Writes a chunk, and resolves when it has called back. */
const written = (stream: Writable, chunk: Uint8Array): Promise<void> =>
  new Promise((resolve, reject) => {
    stream.write(chunk, (error) => (error ? reject(error) : resolve()));
  });

describe("toReadable()", () => {
  // Red when: the stream reads in its constructor, or its highWaterMark is Node's default.
  test("toReadable() reads nothing before the consumer asks, and nothing ahead afterwards [NODE-001]", async () => {
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

  // Red when: attaching asks twice, since the stream reads on when its first chunk has come.
  test("toReadable() takes a listener to `readable` for one question, of at most chunkSize bytes [NODE-001]", async () => {
    const { reader, writer } = pipe();
    const readable = toReadable(reader, { chunkSize: 100 }).on("readable", () => {});
    const waiting = watch(writer.write(sequence(1033)));
    await settle();
    expect([reader.bytesRead, readable.readableLength, waiting.state]).toEqual([100, 100, "pending"]);
    readable.destroy();
  });

  // Red when: read() of the stream asks the reader again without waiting for the answer.
  test("toReadable() has at most one read outstanding, over a reader with the required members alone [NODE-001]", async () => {
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

  // Red when: the stream asks what has become of the reader although a read waits that will tell.
  test("toReadable() has at most one read outstanding also when the reader has closed [NODE-001]", async () => {
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
    expect(reads.length).toBe(2); // What has become of it is asked by a read, since nobody waits.
    idle.resume();
    await settle();
    expect(reads.length).toBe(2);
    idle.destroy();
  });

  // Red when: the option is not passed on to Node.
  test("toReadable() reads ahead where highWaterMark says so [NODE-001]", async () => {
    const { reader, writer } = pipe();
    const readable = toReadable(reader, { highWaterMark: 1000, chunkSize: 100 });
    void writer.write(sequence(5000)).catch(() => {});
    readable.once("readable", () => {});
    await settle();
    expect([readable.readableHighWaterMark, reader.bytesRead]).toEqual([1000, 1000]);
    readable.destroy();
  });
});

describe("with no consumer", () => {
  // Red when: the stream buffers of its own, as with a highWaterMark of 512.
  test("toReadable() adds no byte to the 512 of the pipe [NODE-001]", async () => {
    const { reader, writer } = pipe();
    toReadable(reader);
    expect(await takenBytes((byte) => writer.write(byte))).toBe(512);
  });

  // Red when: a write calls back before the writer has accepted it.
  test("toWritable() adds the one chunk in its hands to the 512 bytes of the pipe [NODE-001]", async () => {
    const { reader, writer } = pipe();
    const writable = toWritable(writer).on("error", () => {});
    expect(await takenBytes((byte) => written(writable, byte))).toBe(512);
    expect([writable.writableLength, writable.writableNeedDrain]).toEqual([1, true]);
    expect(writer.bytesWritten).toBe(512);
    reader.close(); // Till here it is there: a reader that is lost would fail the writes.
  });

  // Red when: highWaterMark is left at Node's default.
  test("toWritable() tells its writer to wait as soon as a chunk waits [NODE-001]", async () => {
    const { reader, writer } = pipe();
    const writable = toWritable(writer).on("error", () => {});
    expect(writable.writableHighWaterMark).toBe(1);
    expect([writable.write(sequence(512)), writable.write(sequence(1))]).toEqual([true, false]);
    reader.close();
  });

  // Red when: highWaterMark is not passed on, or is not counted on top of what the pipe holds.
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
  ])("%s takes as many bytes more as highWaterMark says [NODE-001]", async (_name, make) => {
    const { writable, leave } = make();
    writable.on("error", () => {});
    const taken = await takenChunks(writable);
    // Five are in the pipe, and 12 bytes of the next one; it and nine more are the 1,000 bytes.
    expect([taken, writable.writableLength]).toEqual([1500, 1000]);
    leave(); // Till here it is there: a reader that is lost would fail the writes.
  });

  // Red when: highWaterMark is meant for one half alone.
  test.each([
    ["pipeDuplex()", () => ((duplex) => [duplex, duplex] as const)(pipeDuplex({ highWaterMark: 1000 }))],
    ["duplexPair()", () => duplexPair({ highWaterMark: 1000 })],
  ])("%s reads as many bytes ahead, once its consumer has asked [NODE-001]", async (_name, make) => {
    const [writable, readable] = make();
    readable.on("readable", () => {});
    await settle();
    const taken = await takenChunks(writable);
    expect([taken, readable.readableLength, writable.writableLength]).toEqual([2500, 1000, 1000]);
  });

  // Red when: the duplex reads ahead, or calls back before the pipe has the bytes.
  test.each([
    ["pipeDuplex()", 0, () => pipeDuplex()],
    ["duplexPair()", 1, () => duplexPair()[0]],
  ])("%s holds 512 bytes and the one chunk in its hands [NODE-001]", async (_name, mark, make) => {
    const duplex = make();
    expect([duplex.readableHighWaterMark, duplex.writableHighWaterMark]).toEqual([mark, 1]);
    expect(await takenBytes((byte) => written(duplex, byte))).toBe(512);
    expect([duplex.readableLength, duplex.writableLength]).toEqual([0, 1]);
  });

  // Red when: the reading half takes a chunk to be asked for by the one before it.
  test.each([
    ["pipeDuplex()", () => ((duplex) => [duplex, duplex] as const)(pipeDuplex())],
    ["duplexPair()", () => duplexPair()],
  ])("%s holds one chunk more once its consumer has asked, and no other [NODE-001]", async (_name, make) => {
    const [writable, readable] = make();
    readable.on("readable", () => {});
    await settle();
    await written(writable, sequence(1033));
    expect(await takenBytes((byte) => written(writable, byte))).toBe(512);
    expect([readable.readableLength, writable.writableLength]).toEqual([1033, 1]);
  });

  // Red when: fromReadable() pulls from the start, or on after the chunk in hand.
  test("fromReadable() pulls nothing before a read, then one chunk and what the source buffers [NODE-001] [NODE-012]", async () => {
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
  test("fromWritable() gives the sink what fills its buffer, and has the writes behind it wait [NODE-001] [NODE-012]", async () => {
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

// Red when: what a reader gives is pushed although it is empty, which ends the asking.
test.each(["read", "readChunk"])(
  "toReadable() asks again where %s() gives nothing [NODE-007]",
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

// Red when: a reader without readChunk is read into one array that is pushed again and again.
test("toReadable() takes as little from somebody's own reader [NODE-001]", async () => {
  const { reader, writer } = pipe();
  const readable = toReadable(plainReader(reader));
  const waiting = watch(writer.write(sequence(513)));
  await settle();
  expect([reader.bytesRead, waiting.state]).toEqual([0, "pending"]);
  readable.destroy();
});
