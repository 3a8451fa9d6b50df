import { pipe, type Reader } from "@pipe512/core";
import { expectWhole, joined, sequence } from "@pipe512/testing/bytes";
import { pending, settle } from "@pipe512/testing/turns";
import { unhandled } from "@pipe512/testing/unhandled";
import { pipeStream, toReadableStream } from "@pipe512/web";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { hasByteStreams } from "./support/engine.ts";
import { bare, received } from "./support/streams.ts";

/** Makes a byte stream, and the writer of its pipe. */
interface Subject {
  readonly stream: ReadableStream<Uint8Array<ArrayBuffer>>;
  readonly close: () => void;
  readonly fail: (error: unknown) => void;
  readonly write: (bytes: Uint8Array) => Promise<unknown>;
}

describe("a byte stream", () => {
  beforeEach(({ skip }) => skip(!hasByteStreams, "the engine has no byte streams"));

  // Red when: the bytes are read into another array and enqueued.
  test("toReadableStream() lets the reader fill the consumer's own memory [WEB-001]", async () => {
    const asked: unknown[] = [];
    let at = 0;
    const reader = bare(async (into) => {
      const memory = new Uint8Array(into.buffer);
      asked.push([into.byteOffset, into.length, memory.length, memory[127], memory[639]]);
      into.set(sequence(100, at));
      at += 100;
      return 100;
    });
    const consumer = toReadableStream(reader).getReader({ mode: "byob" });
    let memory: ArrayBuffer = new Uint8Array(640).fill(7).buffer;
    for (const start of [0, 100]) {
      const { value } = await consumer.read(new Uint8Array(memory, 128, 500));
      expectWhole(value ?? new Uint8Array(), 100, start);
      expect(value?.byteOffset).toBe(128);
      memory = value?.buffer ?? new ArrayBuffer();
    }
    expect(asked).toEqual([
      [128, 500, 640, 7, 7],
      [128, 500, 640, 7, 7],
    ]);
    expect(new Uint8Array(memory, 0, 128)).toEqual(new Uint8Array(128).fill(7));
  });

  // Red when: available bytes are read into another array.
  test("a synchronous read of toReadableStream(), and a direct hand-off of pipeStream(), also fill it [WEB-001]", async () => {
    const asked: unknown[] = [];
    const fill = (into: Uint8Array): number => {
      asked.push([into.byteOffset, into.length, new Uint8Array(into.buffer)[127]]);
      into.set(sequence(100));
      return 100;
    };
    // To let timers fire, a stream sometimes calls read() even if tryRead() would succeed.
    const reader: Reader = { ...bare(async (into) => fill(into)), tryRead: fill };
    const { readable, writable } = pipeStream();
    for (const stream of [toReadableStream(reader), readable]) {
      const memory = new Uint8Array(640).fill(7).buffer;
      const reading = stream.getReader({ mode: "byob" }).read(new Uint8Array(memory, 128, 500));
      if (stream === readable) await writable.getWriter().write(sequence(100));
      const { value } = await reading;
      expect(memory.byteLength).toBe(0);
      expect(value?.byteOffset).toBe(128);
      expectWhole(value ?? new Uint8Array(), 100);
      expect(new Uint8Array(value?.buffer ?? new ArrayBuffer(), 0, 128)).toEqual(new Uint8Array(128).fill(7));
    }
    expect(asked).toEqual([[128, 500, 7]]);
  });

  // Red when: a view is filled from the ring only.
  test("toReadableStream() fills a view directly from the array of a pending write [WEB-001]", async () => {
    const { reader, writer } = pipe();
    const consumer = toReadableStream(reader).getReader({ mode: "byob" });
    const written = writer.write(sequence(65_536));
    await settle();
    const { value } = await consumer.read(new Uint8Array(65_536));
    expectWhole(value ?? new Uint8Array(), 65_536);
    expect(await written).toBe(65_536);
  });

  // Red when: a count is interpreted as a number of elements.
  test.for([
    new DataView(new ArrayBuffer(8)),
    new Uint8ClampedArray(8),
    new Int16Array(4),
    new Uint32Array(2),
    new Float64Array(1),
    new BigInt64Array(1),
  ])("toReadableStream() fills a view of type %s [WEB-001]", async (view) => {
    const { reader, writer } = pipe();
    await writer.write(sequence(8));
    const { value } = await toReadableStream(reader).getReader({ mode: "byob" }).read(view);
    expect(value?.constructor).toBe(Object.getPrototypeOf(view).constructor);
    expectWhole(new Uint8Array(value?.buffer ?? new ArrayBuffer()), 8);
  });

  // Red when: a result that ends within an element is not followed by another read.
  test("toReadableStream() fills whole elements from single bytes [WEB-001]", async () => {
    const { reader, writer } = pipe();
    const consumer = toReadableStream(reader).getReader({ mode: "byob" });
    const reading = consumer.read(new Uint32Array(2));
    for (const at of [0, 1, 2]) await writer.write(sequence(1, at));
    expect(await pending(reading)).toBe(true);
    await writer.write(sequence(1, 3));
    const { value } = await reading;
    expect(value?.length).toBe(1);
    expectWhole(new Uint8Array(value?.buffer.slice(0, 4) ?? new ArrayBuffer()), 4);
  });

  // Red when: the rest of the view is not read after the first bytes.
  test("toReadableStream() fills at least { min } bytes of a read [WEB-001]", async () => {
    const { reader, writer } = pipe();
    const consumer = toReadableStream(reader).getReader({ mode: "byob" });
    const reading = consumer.read(new Uint8Array(1033), { min: 513 });
    await writer.write(sequence(512));
    expect(await pending(reading)).toBe(true);
    await writer.write(sequence(9, 512));
    expectWhole((await reading).value ?? new Uint8Array(), 521);
  });

  // Red when: the stream closes without settling the view, or loses its first bytes.
  test("toReadableStream() delivers the bytes before the end to a read with { min } [WEB-001] [WEB-002]", async () => {
    const { reader, writer } = pipe();
    const consumer = toReadableStream(reader).getReader({ mode: "byob" });
    const reading = consumer.read(new Uint8Array(1033), { min: 513 });
    await writer.write(sequence(512));
    expect(await pending(reading)).toBe(true);
    writer.close();
    const { done, value } = await reading;
    expect(done).toBe(true);
    expectWhole(value ?? new Uint8Array(), 512);
  });

  // Red when: an invalid view affects the pipe.
  test("toReadableStream() rejects detached and empty views as the standard does, and continues [WEB-001]", async () => {
    const { reader, writer } = pipe();
    await writer.write(sequence(100));
    const consumer = toReadableStream(reader).getReader({ mode: "byob" });
    const detached = new Uint8Array(8);
    structuredClone(detached, { transfer: [detached.buffer] });
    for (const view of [detached, new Uint8Array(0), new Uint8Array(new ArrayBuffer(8), 8)]) {
      await expect(consumer.read(view)).rejects.toBeInstanceOf(TypeError);
    }
    expect(reader.bytesRead).toBe(0);
    expectWhole((await consumer.read(new Uint8Array(200))).value ?? new Uint8Array(), 100);
  });

  // Red when: a read without a view waits for one.
  test("toReadableStream() serves a default reader, then a BYOB reader [WEB-001]", async () => {
    const { readable, writable } = pipeStream();
    const sink = writable.getWriter();
    await sink.write(sequence(400));
    const plain = readable.getReader();
    expectWhole((await plain.read()).value ?? new Uint8Array(), 400);
    plain.releaseLock();
    await sink.write(sequence(100, 400));
    const { value } = await readable.getReader({ mode: "byob" }).read(new Uint8Array(500));
    expectWhole(value ?? new Uint8Array(), 100, 400);
  });

  // Red when: `byob` is ignored.
  test("toReadableStream({ byob: false }) makes a plain stream [WEB-001]", async () => {
    const { reader, writer } = pipe();
    const stream = toReadableStream(reader, { byob: false });
    expect(() => stream.getReader({ mode: "byob" })).toThrow(TypeError);
    await writer.write(sequence(512));
    writer.close();
    expectWhole(await received(stream), 512);
  });

  const subjects: ReadonlyArray<[string, () => Subject]> = [
    [
      "toReadableStream()",
      () => {
        const { reader, writer } = pipe();
        return {
          stream: toReadableStream(reader),
          close: () => writer.close(),
          fail: (error) => writer.closeWithError(error),
          write: (bytes) => writer.write(bytes),
        };
      },
    ],
    [
      "pipeStream()",
      () => {
        const { readable, writable } = pipeStream();
        const sink = writable.getWriter();
        sink.closed.catch(() => {});
        return {
          stream: readable,
          close: () => void sink.close(),
          fail: (error) => void sink.abort(error),
          write: (bytes) => sink.write(bytes),
        };
      },
    ],
  ];
  for (const [name, make] of subjects)
    for (const waiting of [1, 2]) {
      const reads = waiting === 1 ? "a pending read" : "two pending reads";

      // Red when: the stream closes without settling the pending view.
      test(`${name} ends ${reads}, and returns the memory, when the writer closes [WEB-002]`, async () => {
        const { stream, close } = make();
        const consumer = stream.getReader({ mode: "byob" });
        const reading = Array.from({ length: waiting }, () => consumer.read(new Uint8Array(16)));
        await settle();
        close();
        for (const { done, value } of await Promise.all(reading)) {
          expect(done).toBe(true);
          expect(value?.buffer.byteLength).toBe(16);
        }
        await consumer.closed;
      });

      // Red when: the reader's error becomes the end.
      test(`${name} fails ${reads} with the writer's error itself [WEB-002]`, async () => {
        const { stream, fail } = make();
        const failure = new Error("the source broke");
        const consumer = stream.getReader({ mode: "byob" });
        const reading = Array.from({ length: waiting }, () => consumer.read(new Uint8Array(16)));
        await settle();
        fail(failure);
        for (const one of reading) await expect(one).rejects.toBe(failure);
        await expect(consumer.closed).rejects.toBe(failure);
      });

      // Red when: cancel() waits for the pull.
      test(`cancel() settles ${reads} into views of ${name} [WEB-002] [WEB-006]`, async () => {
        const { stream, write } = make();
        const consumer = stream.getReader({ mode: "byob" });
        const reading = Array.from({ length: waiting }, () => consumer.read(new Uint8Array(16)));
        await settle();
        await consumer.cancel();
        for (const { done } of await Promise.all(reading)) expect(done).toBe(true);
        await expect(write(sequence(1))).rejects.toMatchObject({ code: "ERR_CLOSED_PIPE", side: "reader" });
      });
    }

  for (const [name, make] of subjects) {
    // Red when: a clean end drops the bytes, or the stream's own error is unhandled.
    test(`${name} fails a read with a TypeError if the end cuts an element [WEB-002] [WEB-008]`, async () => {
      const { stream, write, close } = make();
      const consumer = stream.getReader({ mode: "byob" });
      const reasons = await unhandled(async () => {
        const reading = consumer.read(new Uint32Array(2));
        await write(sequence(3));
        await settle();
        close();
        await expect(reading).rejects.toBeInstanceOf(TypeError);
        await expect(consumer.closed).rejects.toBeInstanceOf(TypeError);
      });
      expect(reasons).toEqual([]);
    });

    // Red when: the bytes for a released read are lost.
    test(`${name} loses no byte when a reader releases its lock during a pending read, with a view or without [WEB-007]`, async () => {
      for (const first of [true, false]) {
        for (const second of [true, false]) {
          const { stream, write, close } = make();
          const leaving = first ? stream.getReader({ mode: "byob" }) : stream.getReader();
          const left = leaving.read(new Uint8Array(16));
          await settle();
          leaving.releaseLock();
          await expect(left).rejects.toBeInstanceOf(TypeError);
          const written = Promise.all([write(sequence(300)), write(sequence(733, 300))]).then(close);
          const consumer = second ? stream.getReader({ mode: "byob" }) : stream.getReader();
          const parts: Uint8Array[] = [];
          for (;;) {
            const { done, value } = await consumer.read(new Uint8Array(100));
            if (done) break;
            parts.push(value);
          }
          expectWhole(joined(parts), 1033);
          await written;
        }
      }
    });
  }
});

describe("an engine without byte streams", () => {
  afterEach(() => void vi.unstubAllGlobals());

  // Red when: the engine's error is passed on.
  test("toReadableStream() makes a plain stream [WEB-001] [WEB-012]", async () => {
    class Plain extends ReadableStream<Uint8Array<ArrayBuffer>> {
      constructor(source: UnderlyingDefaultSource & { type?: "bytes" }, strategy: QueuingStrategy) {
        if (source.type === "bytes") throw new TypeError("ReadableByteStreamController is not implemented");
        super(source, strategy);
      }
    }
    vi.stubGlobal("ReadableStream", Plain);
    const { readable, writable } = pipeStream();
    const sink = writable.getWriter();
    const writing = sink.write(sequence(1033)).then(() => sink.close());
    expectWhole(await received(readable), 1033);
    await writing;
  });
});
