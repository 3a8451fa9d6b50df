import { pipe, type Reader } from "@pipe512/core";
import { expectWhole, joined, sequence } from "@pipe512/testing/bytes";
import { pending, settle } from "@pipe512/testing/turns";
import { unhandled } from "@pipe512/testing/unhandled";
import { pipeStream, toReadableStream } from "@pipe512/web";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { hasByteStreams } from "./support/engine.ts";
import { bare, received } from "./support/streams.ts";

/** A byte stream, and the other side of its pipe. */
interface Subject {
  readonly stream: ReadableStream<Uint8Array<ArrayBuffer>>;
  readonly close: () => void;
  readonly fail: (error: unknown) => void;
  readonly write: (bytes: Uint8Array) => Promise<unknown>;
}

describe("a byte stream", () => {
  beforeEach(({ skip }) => skip(!hasByteStreams, "the engine has no byte streams"));

  // Red when: the bytes are read into an array of its own and enqueued.
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

  // Red when: what is there at once is read into an array of its own.
  test("toReadableStream() lets a reader that need not wait fill it too, and pipeStream() a chunk that goes past the pipe [WEB-001]", async () => {
    const asked: unknown[] = [];
    const fill = (into: Uint8Array): number => {
      asked.push([into.byteOffset, into.length, new Uint8Array(into.buffer)[127]]);
      into.set(sequence(100));
      return 100;
    };
    // Now and then a stream reads although it might try, for timers to have their turn.
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

  // Red when: a view is filled from the ring alone.
  test("toReadableStream() fills a view straight from the array of a write that waits [WEB-001]", async () => {
    const { reader, writer } = pipe();
    const consumer = toReadableStream(reader).getReader({ mode: "byob" });
    const written = writer.write(sequence(65_536));
    await settle();
    const { value } = await consumer.read(new Uint8Array(65_536));
    expectWhole(value ?? new Uint8Array(), 65_536);
    expect(await written).toBe(65_536);
  });

  // Red when: an answer is counted in elements.
  test.for([
    new DataView(new ArrayBuffer(8)),
    new Uint8ClampedArray(8),
    new Int16Array(4),
    new Uint32Array(2),
    new Float64Array(1),
    new BigInt64Array(1),
  ])("toReadableStream() fills a view of the kind %s [WEB-001]", async (view) => {
    const { reader, writer } = pipe();
    await writer.write(sequence(8));
    const { value } = await toReadableStream(reader).getReader({ mode: "byob" }).read(view);
    expect(value?.constructor).toBe(Object.getPrototypeOf(view).constructor);
    expectWhole(new Uint8Array(value?.buffer ?? new ArrayBuffer()), 8);
  });

  // Red when: an answer that leaves a part of an element open is not followed by another read.
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

  // Red when: the rest of the view is not asked for once the first bytes have come.
  test("toReadableStream() gives a read with { min } as many bytes [WEB-001]", async () => {
    const { reader, writer } = pipe();
    const consumer = toReadableStream(reader).getReader({ mode: "byob" });
    const reading = consumer.read(new Uint8Array(1033), { min: 513 });
    await writer.write(sequence(512));
    expect(await pending(reading)).toBe(true);
    await writer.write(sequence(9, 512));
    expectWhole((await reading).value ?? new Uint8Array(), 521);
  });

  // Red when: the end is said without answering the view, or its first bytes are dropped.
  test("toReadableStream() gives a read with { min } what came before the end [WEB-001] [WEB-002]", async () => {
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

  // Red when: a view that is no good disturbs the pipe.
  test("toReadableStream() refuses views that are detached or empty as the standard does, and goes on [WEB-001]", async () => {
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

  // Red when: a read of a plain reader waits for a view.
  test("toReadableStream() serves a reader that brings no view, and then one that does [WEB-001]", async () => {
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

  // Red when: `byob` is not looked at.
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
      const reads = waiting === 1 ? "a read that waits" : "two reads that wait";

      // Red when: the end is said without answering the view that waits.
      test(`${name} ends ${reads}, and gives the memory back, when the writer closes [WEB-002]`, async () => {
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

      // Red when: the reader's error is taken for its end.
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
    // Red when: the bytes that came are dropped with a clean end, or the stream's own refusal is left to nobody.
    test(`${name} fails a read whose element is cut by the end with a TypeError [WEB-002] [WEB-008]`, async () => {
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

    // Red when: the bytes for a read whose reader has left are given to nobody.
    test(`${name} loses no byte when a reader gives the lock back while it waits, for a view or not [WEB-007]`, async () => {
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

  // Red when: the engine's refusal is passed on.
  test("toReadableStream() makes a plain stream there [WEB-001] [WEB-012]", async () => {
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
