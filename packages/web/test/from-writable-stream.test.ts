import { pipe, readAll } from "@pipe512/core";
import { awkwardSizes, expectWhole, joined, sequence } from "@pipe512/testing/bytes";
import { rejection } from "@pipe512/testing/promises";
import { pending, settle } from "@pipe512/testing/turns";
import { fromWritableStream, toWritableStream } from "@pipe512/web";
import { expect, test } from "vitest";
import { reasons, show } from "./support/streams.ts";

/** A sink that accepts a chunk when the test says so, and keeps the chunks. */
function sink(highWaterMark = 1) {
  const chunks: Uint8Array[] = [];
  const ends: unknown[] = [];
  const waiting: Array<() => void> = [];
  let controller: WritableStreamDefaultController | undefined;
  const stream = new WritableStream<Uint8Array>(
    {
      start(given) {
        controller = given;
      },
      write(chunk) {
        chunks.push(chunk);
        return new Promise<void>((resolve) => waiting.push(resolve));
      },
      close: () => void ends.push("closed"),
      abort: (reason) => void ends.push(reason),
    },
    { highWaterMark },
  );
  return {
    stream,
    chunks,
    ends,
    take: () => waiting.shift()?.(),
    fail: (error: unknown) => controller?.error(error),
  };
}

// Red when: writes are not kept in order.
test.for(awkwardSizes)("fromWritableStream() writes chunks of %i bytes whole and in order", async (size) => {
  const { reader, writer: end } = pipe();
  const writer = fromWritableStream(toWritableStream(end));
  const bytes = readAll(reader);
  const written = [0, 1, 2].map((at) => writer.write(sequence(size, at * size)));
  writer.close();
  expect(await Promise.all(written)).toEqual([size, size, size]);
  expectWhole(await bytes, 3 * size);
});

// Red when: a write does not wait for `ready`.
test("fromWritableStream() writes when the stream is ready, and resolves when its sink has accepted the bytes [WEB-010]", async () => {
  const { stream, chunks, take } = sink(2);
  const writer = fromWritableStream(stream);
  const written = [0, 1, 2, 3].map((at) => writer.write(sequence(100, at * 100)));
  await settle();
  expect(stream.locked).toBe(true);
  expect(chunks.length).toBe(1);
  for (const write of written) {
    expect(await pending(write)).toBe(true);
    take();
    expect(await write).toBe(100);
  }
  expectWhole(joined(chunks), 400);
});

// Red when: a chunk is written although the stream is not ready.
test("fromWritableStream() writes up to the stream's highWaterMark, and the chunk that fills it [WEB-010]", async () => {
  let handedOver = 0;
  const stream = new WritableStream<Uint8Array>(
    { write: () => new Promise(() => {}) },
    {
      highWaterMark: 250,
      size(chunk) {
        handedOver += chunk.length;
        return chunk.length;
      },
    },
  );
  const writer = fromWritableStream(stream);
  for (let count = 0; count < 5; count++) writer.write(sequence(100)).catch(() => {});
  await settle();
  expect(handedOver).toBe(300);
  writer.closeWithError("enough");
});

// Red when: written bytes are not copied.
test("fromWritableStream() copies written bytes, even for a part of a buffer [WEB-010]", async () => {
  const { stream, chunks, take } = sink();
  const writer = fromWritableStream(stream);
  const array = sequence(100);
  const written = writer.write(array.subarray(10, 60));
  await settle();
  array.fill(0);
  take();
  await written;
  expectWhole(joined(chunks), 50, 10);
  expect(chunks[0]?.buffer.byteLength).toBe(50);
});

// Red when: `transfer` is ignored, in the options or at the write.
test("fromWritableStream() writes the same array with { transfer: true } [WEB-010]", async () => {
  const { stream, chunks, take } = sink();
  const array = sequence(100);
  const once = fromWritableStream(stream);
  const written = once.write(array, { transfer: true });
  await settle();
  take();
  await written;
  expect(chunks[0]).toBe(array);

  const other = sink();
  void fromWritableStream(other.stream, { transfer: true }).write(array);
  await settle();
  expect(other.chunks[0]).toBe(array);
});

// Red when: close() does not wait for earlier writes.
test("fromWritableStream().close() closes the stream after the writes already issued [WEB-010]", async () => {
  const { stream, ends, take } = sink();
  const writer = fromWritableStream(stream);
  const written = [writer.write(sequence(1)), writer.write(sequence(1))];
  writer.close();
  await expect(writer.write(sequence(1))).rejects.toMatchObject({ code: "ERR_CLOSED_PIPE", side: "writer" });
  for (const write of written) {
    await settle();
    expect(ends).toEqual([]);
    take();
    await write;
  }
  await settle();
  expect(ends).toEqual(["closed"]);
});

// Red when: `closed` waits for the sink.
test("fromWritableStream().closed resolves with close(), while the sink still has a chunk in hand [PIPE-027]", async () => {
  const { stream, take } = sink();
  const writer = fromWritableStream(stream);
  const written = writer.write(sequence(1));
  await settle();
  writer.close();
  await writer.closed;
  expect(await pending(written)).toBe(true);
  take();
  await written;
});

for (const reason of reasons) {
  // Red when: the stream is aborted without the reason, or the write waits for its sink.
  test(`fromWritableStream().closeWithError(${show(reason)}) aborts the stream with it, and fails writes at once [WEB-010]`, async () => {
    const { stream, ends, take } = sink();
    const writer = fromWritableStream(stream);
    const written = [writer.write(sequence(100)), writer.write(sequence(100))];
    await settle();
    writer.closeWithError(reason);
    const [first, second] = await Promise.all(written.map((write) => write.catch((error: unknown) => error)));
    expect(first).toMatchObject({
      code: "ERR_CLOSED_PIPE",
      side: "writer",
      bytesWritten: 100,
      cause: reason,
    });
    expect(second).toMatchObject({ code: "ERR_CLOSED_PIPE", side: "writer", bytesWritten: 0, cause: reason });
    await writer.closed;
    take();
    await settle();
    expect(ends).toEqual([reason]);
  });

  // Red when: the stream's error is wrapped.
  test(`fromWritableStream() rejects pending and later writes with the stream's ${show(reason)} itself [WEB-010]`, async () => {
    const { stream, fail, take } = sink();
    const writer = fromWritableStream(stream);
    const written = [writer.write(sequence(100)), writer.write(sequence(100))];
    await settle();
    fail(reason);
    take();
    await expect(written[1]).rejects.toBe(reason);
    expect(await written[0]).toBe(100);
    await expect(writer.write(sequence(1))).rejects.toBe(reason);
    await expect(writer.write(new Uint8Array(0))).rejects.toBe(reason);
    await writer.closed;
  });
}

// Red when: a message or `operation` says something else.
test("fromWritableStream() says what a closed writer could not do, and how far it came [PIPE-028]", async () => {
  const { stream } = sink();
  const writer = fromWritableStream(stream);
  const written = [writer.write(sequence(100)), writer.write(sequence(7))].map((write) => rejection(write));
  await settle();
  writer.closeWithError("enough");
  const refused = [...written, rejection(writer.write(sequence(3))), rejection(writer.finish())];
  expect(await Promise.all(refused)).toMatchObject([
    {
      message: "Cannot write 100 bytes: the writer closed after 100 were accepted",
      operation: "write",
      bytesWritten: 100,
    },
    { message: "Cannot write 7 bytes: the writer closed before any was accepted", operation: "write" },
    { message: "Cannot write 3 bytes: the writer closed before any was accepted", operation: "write" },
    { message: "Cannot finish: the writer closed", operation: "finish" },
  ]);
});

// Red when: an aborted write keeps its place in the order.
test("fromWritableStream() can abort a queued write, and the others keep their order", async () => {
  const { stream, chunks, take } = sink();
  const writer = fromWritableStream(stream);
  const controller = new AbortController();
  const progress = { bytes: 1 };
  const written = [
    writer.write(sequence(10)),
    writer.write(sequence(10, 99), { signal: controller.signal, progress }),
    writer.write(sequence(10, 10)),
  ];
  await settle();
  controller.abort("enough");
  await expect(written[1]).rejects.toBe("enough");
  expect(progress.bytes).toBe(0);
  for (const write of [written[0], written[2]]) {
    await settle();
    take();
    expect(await write).toBe(10);
  }
  expectWhole(joined(chunks), 20);
});

// Red when: a wrong or locked stream is detected only at the first write.
test("fromWritableStream() throws at the call for a wrong value and for a locked stream", () => {
  for (const stream of [undefined, null, "a stream", {}]) {
    expect(() => fromWritableStream(stream as never)).toThrow(/^stream must be a WritableStream; got /);
  }
  const { stream } = sink();
  stream.getWriter();
  expect(() => fromWritableStream(stream)).toThrow(TypeError);
});

// Red when: a write to a failed or closed stream never settles.
test("fromWritableStream() accepts a stream that has failed or is closed, and its writes reject", async () => {
  const failure = new Error("the sink broke");
  const failed = new WritableStream<Uint8Array>({ start: (controller) => controller.error(failure) });
  await expect(fromWritableStream(failed).write(sequence(1))).rejects.toBe(failure);
  const ended = new WritableStream<Uint8Array>();
  await ended.close();
  await expect(fromWritableStream(ended).write(sequence(1))).rejects.toBeInstanceOf(Error);
});

// Red when: a wrong value reaches the stream.
test.for([["a string"], [512], [null], [undefined], [new Uint16Array(2)]])(
  "fromWritableStream().write(%s) throws a TypeError, and writes nothing",
  async ([bytes]) => {
    const { stream, chunks } = sink();
    await expect(fromWritableStream(stream).write(bytes as never)).rejects.toThrow(/^Cannot write .*: /);
    await settle();
    expect(chunks).toEqual([]);
  },
);

// Red when: a detached array counts as an empty one.
test("fromWritableStream().write() rejects a detached array", async () => {
  const { stream, chunks } = sink();
  const bytes = sequence(8);
  structuredClone(bytes, { transfer: [bytes.buffer] });
  await expect(fromWritableStream(stream).write(bytes)).rejects.toBeInstanceOf(TypeError);
  await settle();
  expect(chunks).toEqual([]);
});
