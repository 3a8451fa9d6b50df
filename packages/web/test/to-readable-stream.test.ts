import { pipe, type Reader } from "@pipe512/core";
import { toReadableStream } from "@pipe512/web";
import { expect, test } from "vitest";
import { hasByteStreams } from "./support/engine.ts";
import { settle } from "./support/turns.ts";

/** Bytes that carry their position, mixed so that a shift shows. */
const bytes = (length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, at) => (at ^ (at >> 8) ^ (at >> 16)) & 255);

const received = async (stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<Uint8Array> =>
  new Uint8Array(await new Response(stream).arrayBuffer());

for (const size of [0, 1, 511, 512, 513, 1024, 1033, 200_000]) {
  // Red when: the chunk's last byte is cut off before it is enqueued.
  test(`toReadableStream() delivers a write of ${size} bytes whole and in order, then closes`, async () => {
    const { reader, writer } = pipe();
    const written = writer.write(bytes(size));
    writer.close();
    expect(await received(toReadableStream(reader))).toEqual(bytes(size));
    await written;
  });
}

// Red when: highWaterMark is 1, so that the stream fetches a chunk that nobody asked for.
test("toReadableStream() reads nothing before the consumer asks, and nothing ahead afterwards", async () => {
  const { reader, writer } = pipe();
  const consumer = toReadableStream(reader).getReader();
  await writer.write(bytes(512));
  await settle();
  expect(reader.bytesRead).toBe(0);

  expect((await consumer.read()).value).toEqual(bytes(512));
  await writer.write(bytes(512));
  await settle();
  expect(reader.bytesRead).toBe(512);
});

// Red when: the bytes are read into an array of its own and enqueued.
test("toReadableStream() lets the reader fill the consumer's own view in BYOB mode", async ({ skip }) => {
  skip(!hasByteStreams, "the engine has no byte streams");
  const source = bytes(700);
  const lengths: number[] = [];
  let at = 0;
  const reader: Reader = {
    async read(into) {
      lengths.push(into.length);
      const part = source.subarray(at, at + into.length);
      into.set(part);
      at += part.length;
      return part.length > 0 ? part.length : null;
    },
    close() {},
    closeWithError() {},
  };
  const consumer = toReadableStream(reader).getReader({ mode: "byob" });
  expect((await consumer.read(new Uint8Array(new ArrayBuffer(640), 128, 500))).value).toEqual(
    source.subarray(0, 500),
  );
  expect((await consumer.read(new Uint8Array(500))).value).toEqual(source.subarray(500));
  expect((await consumer.read(new Uint8Array(500))).done).toBe(true);
  expect(lengths).toEqual([500, 500, 500]);
});

// Red when: the end is said without answering the view that waits (whatwg/streams#1321).
test("toReadableStream() settles a BYOB read that waits when the writer closes", async ({ skip }) => {
  skip(!hasByteStreams, "the engine has no byte streams");
  const { reader, writer } = pipe();
  const consumer = toReadableStream(reader).getReader({ mode: "byob" });
  const waiting = consumer.read(new Uint8Array(16));
  await settle();
  writer.close();
  expect((await waiting).done).toBe(true);
  await consumer.closed;
});

// Red when: a reader's answer of 0 bytes is enqueued, which the standard refuses.
test("toReadableStream() asks again when a reader answers with 0 bytes", async () => {
  const answers = [0, 3, 0, null];
  const reader: Reader = { read: async () => answers.shift() ?? null, close() {}, closeWithError() {} };
  expect(await received(toReadableStream(reader))).toEqual(new Uint8Array(3));
});

for (const failure of [new Error("the source broke"), "a string", undefined, null, 0]) {
  // Red when: the reader's error is taken for its end.
  test(`toReadableStream() errors with the reader's ${String(failure)} itself, after the accepted bytes`, async () => {
    const { reader, writer } = pipe();
    await writer.write(bytes(511));
    writer.closeWithError(failure);
    const consumer = toReadableStream(reader).getReader();
    expect((await consumer.read()).value).toEqual(bytes(511));
    await expect(consumer.read()).rejects.toBe(failure);
  });
}

for (const reason of [new Error("the consumer broke"), "a string", null, 0]) {
  // Red when: cancel() closes the reader without the reason.
  test(`toReadableStream().cancel(reason) fails a waiting write with ${String(reason)} itself`, async () => {
    const { reader, writer } = pipe();
    const written = writer.write(bytes(1033));
    await toReadableStream(reader).cancel(reason);
    await expect(written).rejects.toBe(reason);
  });
}

// Red when: cancel() without a reason leaves the reader open.
test("toReadableStream().cancel() settles a read that waits and fails the next write with ClosedPipeError", async () => {
  const { reader, writer } = pipe();
  const consumer = toReadableStream(reader).getReader();
  const waiting = consumer.read();
  await settle();
  await consumer.cancel();
  expect((await waiting).done).toBe(true);
  await expect(writer.write(bytes(1))).rejects.toMatchObject({ code: "ERR_CLOSED_PIPE", side: "reader" });
});
