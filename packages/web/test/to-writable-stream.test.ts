import { pipe, readAll, type Writer } from "@pipe512/core";
import { awkwardSizes, expectWhole, sequence } from "@pipe512/testing/bytes";
import { rejection } from "@pipe512/testing/promises";
import { pending, settle } from "@pipe512/testing/turns";
import { pipeStream, toWritableStream } from "@pipe512/web";
import { describe, expect, test } from "vitest";
import { reasons, show } from "./support/streams.ts";

describe("writing", () => {
  // Red when: the rest of a chunk is written from its beginning again.
  test.for(awkwardSizes)("toWritableStream() writes a chunk of %i bytes whole and in order", async (size) => {
    const { reader, writer } = pipe();
    const sink = toWritableStream(writer).getWriter();
    const bytes = readAll(reader);
    await sink.write(sequence(size));
    await sink.write(sequence(33, size));
    await sink.close();
    expectWhole(await bytes, size + 33);
  });

  // Red when: a write does not wait for the pipe.
  test("write() resolves when the pipe has accepted the bytes, and ready when no chunk is pending [WEB-004]", async () => {
    const { reader, writer } = pipe();
    const sink = toWritableStream(writer).getWriter();
    await sink.write(sequence(500));
    await sink.ready;
    const written = sink.write(sequence(100, 500));
    expect(sink.desiredSize).toBe(0);
    expect(await pending(written)).toBe(true);
    expect(await pending(sink.ready)).toBe(true);
    expect(await reader.read(new Uint8Array(87))).toBe(87);
    expect(await pending(written)).toBe(true);
    expect(await reader.read(new Uint8Array(1))).toBe(1);
    await written;
    await sink.ready;
    expect(sink.desiredSize).toBe(1);
  });

  // Red when: the chunk is kept once its write has resolved.
  test("toWritableStream() lets a chunk be reused once its write has resolved [WEB-004]", async () => {
    const { reader, writer } = pipe();
    const sink = toWritableStream(writer).getWriter();
    const bytes = readAll(reader);
    const chunk = new Uint8Array(700);
    for (let at = 0; at < 7000; at += 700) {
      chunk.set(sequence(700, at));
      await sink.write(chunk);
    }
    await sink.close();
    expectWhole(await bytes, 7000);
  });

  // Red when: `transfer` is not passed on.
  test("toWritableStream({ transfer: true }) delivers the same array to a reader of chunks", async () => {
    const { reader, writer } = pipe();
    const chunk = sequence(4096);
    const taken = reader.readChunk();
    await toWritableStream(writer, { transfer: true }).getWriter().write(chunk);
    expect(await taken).toBe(chunk);
  });

  // Red when: the first write waits for a reader, as that of a TransformStream does.
  test("pipeStream() without a reader accepts a first write that fits, and keeps the next one pending [WEB-003]", async () => {
    const { readable, writable } = pipeStream();
    const sink = writable.getWriter();
    await sink.write(sequence(512));
    const next = sink.write(sequence(700, 512));
    expect(await pending(next)).toBe(true);
    const closed = sink.close();
    expectWhole(new Uint8Array(await new Response(readable).arrayBuffer()), 1212);
    await Promise.all([next, closed]);
  });
});

describe("closing", () => {
  // Red when: close() overtakes pending writes.
  test("WritableStream.close() takes effect after every chunk written before [WEB-005]", async () => {
    const { reader, writer } = pipe();
    const sink = toWritableStream(writer).getWriter();
    const all = [sink.write(sequence(1033)), sink.write(sequence(512, 1033)), sink.close()];
    await settle();
    expectWhole(await readAll(reader), 1545);
    await Promise.all(all);
    await sink.closed;
  });

  for (const reason of reasons) {
    // Red when: the abort waits until the pending write has settled.
    test(`WritableStream.abort(${show(reason)}) fails the pending write at once, and the reader after the accepted bytes [WEB-005]`, async () => {
      const { reader, writer } = pipe();
      const sink = toWritableStream(writer).getWriter();
      const written = sink.write(sequence(1033));
      const queued = sink.write(sequence(1));
      await settle();
      const aborted = sink.abort(reason);
      await expect(written).rejects.toBe(reason);
      await expect(queued).rejects.toBe(reason);
      await aborted;
      await expect(sink.closed).rejects.toBe(reason);
      const into = new Uint8Array(1033);
      expect(await reader.read(into)).toBe(512);
      expectWhole(into.subarray(0, 512), 512);
      await expect(reader.read(into)).rejects.toBe(reason);
    });
  }

  // Red when: a missing reason is passed on as undefined.
  test("WritableStream.abort() without a reason fails the reader with an AbortError [WEB-005]", async () => {
    const { reader, writer } = pipe();
    await toWritableStream(writer).abort();
    const error: unknown = await reader.read(new Uint8Array(1)).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(DOMException);
    expect(error).toHaveProperty("name", "AbortError");
  });

  // Red when: the pending write rejects with undefined.
  test("WritableStream.abort() without a reason fails the pending write with an AbortError [WEB-005]", async () => {
    const { reader, writer } = pipe();
    const sink = toWritableStream(writer).getWriter();
    const written = sink.write(sequence(1033)).catch((reason: unknown) => reason);
    await settle();
    await sink.abort();
    expect(await written).toHaveProperty("name", "AbortError");
    expect(await reader.read(new Uint8Array(600))).toBe(512);
    expect(await reader.read(new Uint8Array(1)).catch((reason: unknown) => reason)).toBe(await written);
  });

  // Red when: the writer's error after its abort replaces the reason.
  test("WritableStream.abort() fails the pending write with the reason, even if its writer rejects with another error [WEB-005]", async () => {
    let reject: (error: unknown) => void = () => {};
    const sink = toWritableStream({
      write: () => new Promise((_, refuse) => (reject = refuse)),
      close() {},
      closeWithError: () => reject(new Error("aborted by itself")),
    }).getWriter();
    const written = sink.write(sequence(1));
    await settle();
    const aborted = sink.abort("enough");
    await expect(written).rejects.toBe("enough");
    await aborted;
  });

  // Red when: abort() fails a closed pipe, or a pending close() prevents the abort.
  test("WritableStream.abort() after close() fails only the bytes that are not accepted yet [WEB-005]", async () => {
    for (const length of [512, 513]) {
      const { reader, writer } = pipe();
      const sink = toWritableStream(writer).getWriter();
      const written = sink.write(sequence(length));
      const closed = sink.close();
      await settle();
      await sink.abort("enough");
      const into = new Uint8Array(600);
      expect(await reader.read(into)).toBe(512);
      expectWhole(into.subarray(0, 512), 512);
      if (length === 512) {
        expect(await reader.read(into)).toBe(null);
        await Promise.all([written, closed]);
      } else {
        await expect(reader.read(into)).rejects.toBe("enough");
        await expect(written).rejects.toBe("enough");
        await expect(closed).rejects.toBe("enough");
      }
    }
  });

  for (const reason of reasons) {
    // Red when: the stream does not follow the writer's `closed`.
    test(`toWritableStream() fails with the reader's ${show(reason)} itself, even while it is idle [WEB-005]`, async () => {
      const { reader, writer } = pipe();
      const sink = toWritableStream(writer).getWriter();
      reader.closeWithError(reason);
      await expect(sink.closed).rejects.toBe(reason);
      await expect(sink.ready).rejects.toBe(reason);
      await expect(sink.write(sequence(1))).rejects.toBe(reason);
    });
  }

  // Red when: a pending write does not reject when the reader closes.
  test("toWritableStream() fails the pending write when the reader closes [WEB-005]", async () => {
    const { reader, writer } = pipe();
    const sink = toWritableStream(writer).getWriter();
    const written = sink.write(sequence(1033));
    await settle();
    reader.close();
    await expect(written).rejects.toMatchObject({
      code: "ERR_CLOSED_PIPE",
      side: "reader",
      bytesWritten: 512,
    });
    await expect(sink.closed).rejects.toMatchObject({ code: "ERR_CLOSED_PIPE", side: "reader" });
  });
});

describe("bad input", () => {
  for (const [what, chunk, message] of [
    ["a string", "text", /a string: encode it with a TextEncoderStream/],
    ["a number", 512, /^Cannot write 512: a chunk must be a Uint8Array, another view or an ArrayBuffer$/],
    ["nothing", undefined, /undefined: a chunk must be a Uint8Array/],
    ["an object", { length: 1 }, /an object: a chunk must be a Uint8Array/],
    ["an array", [1, 2], /an array: a chunk must be a Uint8Array/],
    [
      "a detached Uint8Array",
      detached(),
      /^Cannot write an array that was detached or shrunk: pass one that still has its memory$/,
    ],
    ["a detached ArrayBuffer", detached().buffer, /detached/],
    ["a detached DataView", detachedView(), /detached/],
  ] as const) {
    // Red when: the chunk reaches the pipe unchecked, or the other end does not fail.
    test(`toWritableStream() fails at ${what}, and fails the reader after the accepted bytes`, async () => {
      const { reader, writer } = pipe();
      const sink = toWritableStream(writer).getWriter();
      await sink.write(sequence(100));
      const failure: unknown = await sink.write(chunk as Uint8Array).catch((reason: unknown) => reason);
      expect(failure).toBeInstanceOf(TypeError);
      expect(failure).toHaveProperty("message", expect.stringMatching(message));
      await expect(sink.closed).rejects.toBe(failure);
      expect(await reader.read(new Uint8Array(200))).toBe(100);
      await expect(reader.read(new Uint8Array(200))).rejects.toBe(failure);
    });

    // Red when: a consumer that waits for a direct hand-off does not fail.
    test(`pipeStream() fails at ${what}, and fails a waiting consumer`, async () => {
      for (const byob of [true, false]) {
        const { readable, writable } = pipeStream({ byob });
        const reading = readable.getReader().read();
        await settle();
        const written = writable.getWriter().write(chunk as Uint8Array);
        const failure: unknown = await written.catch((reason: unknown) => reason);
        expect(failure).toBeInstanceOf(TypeError);
        await expect(reading).rejects.toBe(failure);
      }
    });
  }

  // Red when: the error of a pending chunk is not passed on.
  test("toWritableStream() fails at a chunk that is detached while it waits, and fails the reader after the accepted bytes", async () => {
    const { reader, writer } = pipe();
    const sink = toWritableStream(writer).getWriter();
    const chunk = sequence(1033);
    const failing = rejection(sink.write(chunk));
    await settle();
    structuredClone(chunk, { transfer: [chunk.buffer] });
    expect(await reader.read(new Uint8Array(1033))).toBe(512);
    const failure = await failing;
    expect(failure).toBeInstanceOf(TypeError);
    await expect(sink.closed).rejects.toBe(failure);
    await expect(reader.read(new Uint8Array(1033))).rejects.toBe(failure);
  });

  // Red when: a missing `closed` causes an error, or the next result is not passed on.
  test("toWritableStream() over a writer without closed fails at the next write after the reader has closed", async () => {
    const { reader, writer } = pipe();
    const sink = toWritableStream({
      write: (bytes) => writer.write(bytes),
      close: () => writer.close(),
      closeWithError: (error) => writer.closeWithError(error),
    }).getWriter();
    reader.closeWithError("enough");
    expect(await pending(sink.closed)).toBe(true);
    await expect(sink.write(sequence(1))).rejects.toBe("enough");
    await expect(sink.closed).rejects.toBe("enough");
  });

  // Red when: a wrong writer is detected only at the first chunk.
  test("toWritableStream() throws a TypeError for a wrong writer, and names the value", () => {
    for (const writer of [undefined, null, "a writer", {}]) {
      expect(() => toWritableStream(writer as never)).toThrow(/^writer must be a Writer, .*; got /);
    }
  });

  // Red when: an error that a writer throws synchronously is lost.
  test("toWritableStream() passes on a synchronous error of a writer", async () => {
    const failure = new Error("the writer broke");
    const closings: unknown[] = [];
    const writer: Writer = {
      write() {
        throw failure;
      },
      close: () => closings.push("closed"),
      closeWithError: (error) => closings.push(error),
    };
    const sink = toWritableStream(writer).getWriter();
    await expect(sink.write(sequence(1))).rejects.toBe(failure);
    expect(closings).toEqual([failure]);
  });
});

function detachedView(): DataView {
  const view = new DataView(new ArrayBuffer(8));
  structuredClone(view, { transfer: [view.buffer] });
  return view;
}

function detached(): Uint8Array {
  const bytes = new Uint8Array(8);
  structuredClone(bytes, { transfer: [bytes.buffer] });
  return bytes;
}
