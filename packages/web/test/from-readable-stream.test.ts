import { copy, pipe, readAll } from "@pipe512/core";
import { awkwardSizes, expectWhole, sequence } from "@pipe512/testing/bytes";
import { pending, settle } from "@pipe512/testing/turns";
import { fromReadableStream, toReadableStream } from "@pipe512/web";
import { describe, expect, test } from "vitest";
import { hasByteStreams } from "./support/engine.ts";
import { reasons, show, sourceOf } from "./support/streams.ts";

// Red when: the rest of a chunk is not kept for the next read.
test.for(awkwardSizes)("fromReadableStream() reads chunks of %i bytes whole and in order", async (size) => {
  const chunks = [0, 1, 2].map((at) => sequence(size, at * size));
  const reader = fromReadableStream(sourceOf(chunks).stream);
  const into = new Uint8Array(3 * size + 1);
  let at = 0;
  for (;;) {
    const count = await reader.read(into.subarray(at, at + 500));
    if (count === null) break;
    at += count;
  }
  expectWhole(into.subarray(0, at), 3 * size);
});

// Red when: a chunk is pulled before the previous one is used up.
test("fromReadableStream() pulls a chunk when nothing of the last one is left [WEB-010]", async () => {
  const source = sourceOf([sequence(600), sequence(600, 600)]);
  const reader = fromReadableStream(source.stream);
  await settle();
  expect(source.asked).toBe(0);
  expect(await reader.read(new Uint8Array(400))).toBe(400);
  expect(await reader.read(new Uint8Array(200))).toBe(200);
  await settle();
  expect(source.asked).toBe(1);
  expect(await reader.read(new Uint8Array(1))).toBe(1);
  expect(source.asked).toBe(2);
});

// Red when: more is pulled than the stream pulls by itself.
test("fromReadableStream() holds one chunk, in addition to the stream's highWaterMark [WEB-010]", async () => {
  let asked = 0;
  const stream = new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      pull(controller) {
        controller.enqueue(sequence(100, asked * 100));
        asked += 1;
      },
    },
    { highWaterMark: 2 },
  );
  const reader = fromReadableStream(stream);
  await settle();
  expect(asked).toBe(2);
  const into = new Uint8Array(100);
  await reader.read(into.subarray(0, 1));
  await settle();
  expect(asked).toBe(3);
  await reader.read(into.subarray(1));
  await settle();
  expect(asked).toBe(3);
  expectWhole(into, 100);
});

for (const reason of reasons) {
  // Red when: the source is cancelled without the reason.
  test(`fromReadableStream().closeWithError(${show(reason)}) cancels the stream with it [WEB-010]`, async () => {
    const source = sourceOf([sequence(600)], () => {});
    const reader = fromReadableStream(source.stream);
    await reader.read(new Uint8Array(1));
    reader.closeWithError(reason);
    await settle();
    expect(source.cancelled).toEqual([reason]);
    await expect(reader.read(new Uint8Array(1))).rejects.toMatchObject({
      code: "ERR_CLOSED_PIPE",
      side: "reader",
    });
  });

  // Red when: an error of the stream is wrapped, or becomes its end.
  test(`fromReadableStream() fails with the stream's ${show(reason)} itself, after the current chunk [WEB-010]`, async () => {
    const source = sourceOf([sequence(600)], (controller) => controller.error(reason));
    const reader = fromReadableStream(source.stream);
    const into = new Uint8Array(600);
    expect(await reader.read(into.subarray(0, 500))).toBe(500);
    expect(await reader.read(into.subarray(500))).toBe(100);
    expectWhole(into, 600);
    await expect(reader.read(into)).rejects.toBe(reason);
    await expect(reader.read(into)).rejects.toBe(reason);
    await reader.closed;
  });
}

// Red when: closing waits for the pulled chunk.
test("fromReadableStream().close() cancels an idle stream at once [WEB-010]", async () => {
  const source = sourceOf([sequence(1)], () => {});
  const reader = fromReadableStream(source.stream);
  await reader.read(new Uint8Array(1));
  const reading = reader.read(new Uint8Array(1));
  await settle();
  reader.close();
  await expect(reading).rejects.toMatchObject({ code: "ERR_CLOSED_PIPE", side: "reader" });
  await settle();
  expect(source.cancelled).toEqual([undefined]);
});

describe("a byte stream", () => {
  // Red when: a byte stream is read like any other.
  test("fromReadableStream() pulls no more of it than the read requests [WEB-010]", async ({ skip }) => {
    skip(!hasByteStreams, "the engine has no byte streams");
    const asked: number[] = [];
    let at = 0;
    const stream = new ReadableStream({
      type: "bytes",
      pull(controller) {
        const view = controller.byobRequest?.view as Uint8Array;
        asked.push(view.length);
        view.set(sequence(view.length, at));
        at += view.length;
        controller.byobRequest?.respond(view.length);
      },
    });
    const reader = fromReadableStream(stream, { chunkSize: 1024 });
    const into = new Uint8Array(5000);
    let end = 0;
    for (const wanted of [1, 511, 1024, 2000]) {
      end += (await reader.read(into.subarray(end, end + wanted))) ?? 0;
    }
    expect(asked).toEqual([1, 511, 1024, 1024]);
    expectWhole(into.subarray(0, end), 2560);
  });

  // Red when: another length is pulled.
  test("fromReadableStream() pulls at most 65,536 bytes of it, and holds only the bytes of an aborted read [WEB-010]", async ({
    skip,
  }) => {
    skip(!hasByteStreams, "the engine has no byte streams");
    const asked: number[] = [];
    let answer = (): void => {};
    const stream = new ReadableStream({
      type: "bytes",
      pull(controller) {
        const view = controller.byobRequest?.view as Uint8Array;
        asked.push(view.length);
        answer = () => {
          view.set(sequence(100));
          controller.byobRequest?.respond(100);
        };
        return new Promise(() => {});
      },
    });
    const reader = fromReadableStream(stream);
    const controller = new AbortController();
    const into = new Uint8Array(100_000);
    const reading = reader.read(into, { signal: controller.signal });
    await settle();
    controller.abort("enough");
    await expect(reading).rejects.toBe("enough");
    answer();
    await settle();
    expect(await reader.read(into.subarray(0, 60))).toBe(60);
    expect(await reader.read(into.subarray(60))).toBe(40);
    expectWhole(into.subarray(0, 100), 100);
    expect(asked).toEqual([65_536]);
  });

  // Red when: the reader waits for its view, which the stream never settles.
  test("fromReadableStream() ends with a stream that closes without settling the view [WEB-010]", async ({
    skip,
  }) => {
    skip(!hasByteStreams, "the engine has no byte streams");
    let close = (): void => {};
    const stream = new ReadableStream({
      type: "bytes",
      start(controller) {
        close = () => controller.close();
      },
    });
    const reader = fromReadableStream(stream);
    const reading = reader.read(new Uint8Array(16));
    expect(await pending(reading)).toBe(true);
    close();
    expect(await reading).toBe(null);
    await reader.closed;
  });
});

// Red when: the bytes for an aborted read are lost.
test("fromReadableStream() loses nothing when a read is aborted", async () => {
  const { reader: source, writer } = pipe();
  const reader = fromReadableStream(toReadableStream(source));
  const controller = new AbortController();
  const reading = reader.read(new Uint8Array(100), { signal: controller.signal });
  await settle();
  controller.abort("enough");
  await expect(reading).rejects.toBe("enough");
  const written = writer.write(sequence(1033)).then(() => writer.close());
  expectWhole(await readAll(reader), 1033);
  await written;
});

// Red when: a chunk that is not bytes is accepted.
test.for([["a string"], [512], [null], [{}], [[1, 2]], [undefined]])(
  "fromReadableStream() fails at the chunk %s with a TypeError, and cancels the stream with it",
  async ([chunk]) => {
    const source = sourceOf([sequence(1), chunk as never], () => {});
    const reader = fromReadableStream(source.stream);
    expect(await reader.read(new Uint8Array(10))).toBe(1);
    const failure: unknown = await reader.read(new Uint8Array(10)).catch((reason: unknown) => reason);
    expect(failure).toBeInstanceOf(TypeError);
    expect(failure).toHaveProperty("message", expect.stringMatching(/^Cannot read /));
    await expect(reader.read(new Uint8Array(10))).rejects.toBe(failure);
    expect(source.cancelled).toEqual([failure]);
  },
);

// Red when: a detached chunk counts as an empty one.
test("fromReadableStream() fails at a detached chunk with a TypeError, and cancels the stream with it", async () => {
  const chunk = sequence(8);
  structuredClone(chunk, { transfer: [chunk.buffer] });
  const source = sourceOf([chunk], () => {});
  const failure: unknown = await fromReadableStream(source.stream)
    .read(new Uint8Array(10))
    .catch((reason: unknown) => reason);
  expect(failure).toBeInstanceOf(TypeError);
  expect(failure).toHaveProperty(
    "message",
    "Cannot read an array that was detached or shrunk: pass one that still has its memory",
  );
  expect(source.cancelled).toEqual([failure]);
});

// Red when: `closed` resolves while a byte is left, or only with a read after the last one.
test("fromReadableStream().closed resolves when the last byte is read [WEB-010]", async () => {
  const reader = fromReadableStream(sourceOf([sequence(100)]).stream);
  const into = new Uint8Array(60);
  expect(await reader.read(into)).toBe(60);
  const next = reader.read(into);
  expect(await next).toBe(40);
  expect(await reader.read(into)).toBe(null);
  await reader.closed;

  const closing = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(sequence(100));
      controller.close();
    },
  });
  const other = fromReadableStream(closing);
  expect(await other.read(into)).toBe(60);
  expect(await pending(other.closed as Promise<void>)).toBe(true);
  expect(await other.read(into)).toBe(40);
  await other.closed;
});

// Red when: a locked stream is detected only at the first read.
test("fromReadableStream() throws at the call for a wrong value and for a locked stream", () => {
  for (const stream of [undefined, null, "a stream", {}]) {
    expect(() => fromReadableStream(stream as never)).toThrow(/^stream must be a ReadableStream; got /);
  }
  const { stream } = sourceOf([]);
  stream.getReader();
  expect(() => fromReadableStream(stream)).toThrow(TypeError);
  expect(() => fromReadableStream(sourceOf([]).stream, { chunkSize: 0 })).toThrow(RangeError);
});

// Red when: an earlier error of the stream is lost.
test("fromReadableStream() accepts a stream that has failed, and one that has ended", async () => {
  const failure = new Error("the source broke");
  const failed = new ReadableStream({ start: (controller) => controller.error(failure) });
  await expect(fromReadableStream(failed).read(new Uint8Array(1))).rejects.toBe(failure);
  const ended = new ReadableStream({ start: (controller) => controller.close() });
  expect(await fromReadableStream(ended).read(new Uint8Array(1))).toBe(null);
});

// Red when: copy() does not accept a reader over a stream.
test("copy() moves a stream into a pipe, with backpressure [WEB-010]", async () => {
  const source = sourceOf(Array.from({ length: 20 }, (_, index) => sequence(100, index * 100)));
  const { reader, writer } = pipe();
  const copied = copy(fromReadableStream(source.stream), writer).then((bytes) => {
    writer.close();
    return bytes;
  });
  await settle();
  expect(source.asked).toBeLessThanOrEqual(7);
  expectWhole(await readAll(reader), 2000);
  expect(await copied).toBe(2000);
});
