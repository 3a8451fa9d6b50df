import { pipe, type Reader } from "@pipe512/core";
import { awkwardSizes, expectWhole, joined, sequence } from "@pipe512/testing/bytes";
import { pending, settle } from "@pipe512/testing/turns";
import { toReadableStream } from "@pipe512/web";
import { expect, test } from "vitest";
import { hasByteStreams } from "./support/engine.ts";
import { bare, reasons, received, show } from "./support/streams.ts";

// Red when: the last byte of a chunk is not enqueued.
test.for([...awkwardSizes, 200_000])(
  "toReadableStream() delivers a write of %i bytes whole and in order, then closes",
  async (size) => {
    const { reader, writer } = pipe();
    const written = writer.write(sequence(size));
    writer.close();
    expectWhole(await received(toReadableStream(reader)), size);
    await written;
  },
);

for (const byob of [true, false]) {
  const kind = byob ? "a byte stream" : "a plain stream";

  // Red when: highWaterMark is 1, so that the stream reads a chunk before the consumer pulls.
  test(`toReadableStream(), ${kind}, reads nothing before the consumer pulls, and nothing ahead afterwards [WEB-003]`, async () => {
    const { reader, writer } = pipe();
    const consumer = toReadableStream(reader, { byob }).getReader();
    await writer.write(sequence(512));
    await settle();
    expect(reader.bytesRead).toBe(0);

    expect((await consumer.read()).value).toEqual(sequence(512));
    await writer.write(sequence(512));
    await settle();
    expect(reader.bytesRead).toBe(512);
  });

  for (const failure of [...reasons, undefined]) {
    // Red when: the reader's error becomes the end.
    test(`toReadableStream(), ${kind}, fails with the reader's ${show(failure)} itself, after the accepted bytes [WEB-005]`, async () => {
      const { reader, writer } = pipe();
      await writer.write(sequence(511));
      writer.closeWithError(failure);
      const consumer = toReadableStream(reader, { byob }).getReader();
      expect((await consumer.read()).value).toEqual(sequence(511));
      await expect(consumer.read()).rejects.toBe(failure);
      await expect(consumer.closed).rejects.toBe(failure);
    });
  }

  // Red when: the stream does not follow the reader's `closed`.
  test(`toReadableStream(), ${kind}, notifies an idle consumer of the end and of an error`, async () => {
    const failure = new Error("the source broke");
    const [ending, failing] = [pipe(), pipe()];
    const ended = toReadableStream(ending.reader, { byob }).getReader().closed;
    const failed = toReadableStream(failing.reader, { byob }).getReader().closed;
    ending.writer.close();
    failing.writer.closeWithError(failure);
    await ended;
    await expect(failed).rejects.toBe(failure);
  });

  // Red when: an end that arrives during a read is delivered only at the consumer's next read.
  test(`toReadableStream(), ${kind}, ends where the reader's closed resolves before its last read, and the consumer does not ask again`, async () => {
    let answer: (count: number) => void = () => {};
    let resolveClosed = (): void => {};
    let reads = 0;
    const reader: Reader = {
      ...bare(() => {
        reads += 1;
        return reads === 1 ? new Promise((resolve) => (answer = resolve)) : Promise.resolve(null);
      }),
      closed: new Promise((resolve) => (resolveClosed = resolve)),
    };
    const consumer = toReadableStream(reader, { byob }).getReader();
    const reading = consumer.read();
    await settle();
    resolveClosed();
    await settle();
    answer(10);
    expect((await reading).value).toHaveLength(10);
    await consumer.closed;
  });
}

// Red when: a result of 0 bytes is enqueued, which throws.
test("toReadableStream() reads again when a reader returns 0 bytes", async () => {
  const answers = [0, 3, 0, null];
  const reader = bare(async () => answers.shift() ?? null);
  expect(await received(toReadableStream(reader))).toEqual(new Uint8Array(3));
});

// Red when: a partly filled array is delivered, and overwritten by the next read.
test("toReadableStream() delivers chunks that the consumer owns, over a reader with only read()", async () => {
  for (const byob of [true, false]) {
    const lengths = [1, 511, 600, 1024, 513, 512, 1024, 3];
    let at = 0;
    const reader = bare(async (into) => {
      const length = lengths.shift() ?? null;
      into.set(sequence(length ?? 0, at));
      at += length ?? 0;
      return length;
    });
    const parts: Uint8Array[] = [];
    for await (const part of toReadableStream(reader, { byob, chunkSize: 1024 })) parts.push(part);
    expectWhole(joined(parts), 4188);
  }
});

// Red when: an error that a reader throws synchronously is lost.
test("toReadableStream() passes on a synchronous error of a reader, and closes it", async () => {
  const failure = new Error("the reader broke");
  const closings: unknown[] = [];
  const reader = bare(() => {
    throw failure;
  }, closings);
  await expect(toReadableStream(reader).getReader().read()).rejects.toBe(failure);
  expect(closings).toEqual([failure]);
});

// Red when: an array with other owners is enqueued without a copy.
test("toReadableStream() copies memory that a byte stream cannot transfer", async () => {
  const shared = sequence(100).subarray(10, 60);
  const reader: Reader = { ...bare(async () => null), readChunk: async () => shared };
  const { value } = await toReadableStream(reader).getReader().read();
  expectWhole(value ?? new Uint8Array(), 50, 10);
  expect(shared.length).toBe(50);
});

// Red when: another length is read, or `chunkSize` is not passed on.
test("toReadableStream() reads 65,536 bytes, or chunkSize, by every method of the reader", async () => {
  for (const [chunkSize, expected] of [
    [undefined, 65_536],
    [100, 100],
  ] as const) {
    for (const byob of [true, false]) {
      const asked: unknown[] = [];
      const readers: Reader[] = [
        bare(async (into) => {
          asked.push(into.length);
          return null;
        }),
        {
          ...bare(async () => null),
          tryReadChunk(options) {
            asked.push(options?.maxBytes);
            return undefined;
          },
          async readChunk(options) {
            asked.push(options?.maxBytes);
            return null;
          },
        },
      ];
      for (const reader of readers) await received(toReadableStream(reader, { byob, chunkSize }));
      expect(asked.length).toBeGreaterThanOrEqual(readers.length);
      expect(new Set(asked)).toEqual(new Set([expected]));
    }
  }
});

// Red when: a transferred chunk is copied.
test("toReadableStream() delivers transferred memory itself to a waiting consumer", async () => {
  for (const byob of [true, false]) {
    const { reader, writer } = pipe();
    const chunk = sequence(100_000);
    const { buffer } = chunk;
    const reading = toReadableStream(reader, { byob }).getReader().read();
    await settle();
    await writer.write(chunk, { transfer: true });
    const { value } = await reading;
    expectWhole(value ?? new Uint8Array(), 100_000);
    if (byob && hasByteStreams) expect(buffer.byteLength).toBe(0);
    else expect(value).toBe(chunk);
  }
});

// Red when: a missing `closed` causes an error, or the next result is not passed on.
test("toReadableStream() over a reader without closed fails at the next read", async () => {
  for (const byob of [true, false]) {
    const { reader, writer } = pipe();
    const consumer = toReadableStream(
      bare((into) => reader.read(into)),
      { byob },
    ).getReader();
    writer.closeWithError("enough");
    expect(await pending(consumer.closed)).toBe(true);
    await expect(consumer.read()).rejects.toBe("enough");
    await expect(consumer.closed).rejects.toBe("enough");
  }
});

// Red when: a wrong option is detected only at the first read.
test("toReadableStream() throws for a wrong reader and a wrong chunkSize, and names the value", () => {
  for (const reader of [undefined, null, "a reader", {}]) {
    expect(() => toReadableStream(reader as never)).toThrow(/^reader must be a Reader, .*; got /);
  }
  for (const chunkSize of [0, -1, 1.5, Number.NaN]) {
    expect(() => toReadableStream(pipe().reader, { chunkSize })).toThrow(RangeError);
  }
  expect(() => toReadableStream(pipe().reader, { chunkSize: "512" as never })).toThrow(
    'chunkSize must be an integer of at least 1; got the string "512"',
  );
});
