import { pipe } from "@pipe512/core";
import { expectWhole, sequence } from "@pipe512/testing/bytes";
import { pending, settle } from "@pipe512/testing/turns";
import { pipeStream, toReadableStream } from "@pipe512/web";
import { beforeEach, describe, expect, test } from "vitest";
import { hasByteStreams } from "./support/engine.ts";
import { exhaust, settleAll } from "./support/random.ts";
import { received } from "./support/streams.ts";

/** A byte stream, and the other side of its pipe. */
interface Subject {
  readonly stream: ReadableStream<Uint8Array<ArrayBuffer>>;
  readonly write: (bytes: Uint8Array) => Promise<unknown>;
  readonly close: () => unknown;
}

const subjects: Record<string, () => Subject> = {
  "toReadableStream()": () => {
    const { reader, writer } = pipe();
    return {
      stream: toReadableStream(reader),
      write: (bytes) => writer.write(bytes),
      close: () => writer.close(),
    };
  },
  "pipeStream()": () => {
    const { readable, writable } = pipeStream();
    const sink = writable.getWriter();
    return { stream: readable, write: (bytes) => sink.write(bytes), close: () => sink.close() };
  },
};

const ignored = (promise: Promise<unknown>): void => void promise.catch(() => {});

for (const [name, make] of Object.entries(subjects))
  describe(`${name} with reads that were released`, () => {
    beforeEach(({ skip }) => skip(!hasByteStreams, "the engine has no byte streams"));

    // Red when: the source does not pull by itself when a BYOB reader releases its lock.
    test("serves a BYOB read after one that was released in the turn in which the stream was made [WEB-013]", async () => {
      const { stream, write } = make();
      const left = stream.getReader({ mode: "byob" });
      ignored(left.read(new Uint8Array(8)));
      left.releaseLock();
      await settle();
      await write(sequence(5));
      const { value } = await stream.getReader({ mode: "byob" }).read(new Uint8Array(8));
      expectWhole(value ?? new Uint8Array(), 5);
    });

    // Red when: the source does not pull by itself when a BYOB reader releases its lock.
    test("serves a BYOB read after two of which the second was released before pull() was called for it [WEB-013]", async () => {
      const { stream, write } = make();
      await settleAll(1); // In a new slice of the budget the first read settles at once. Otherwise it waits, and is released as well.
      await write(sequence(30));
      const left = stream.getReader({ mode: "byob" });
      const first = left.read(new Uint8Array(24));
      ignored(left.read(new Uint8Array(24)));
      left.releaseLock();
      expectWhole((await first).value ?? new Uint8Array(), 24);
      await write(sequence(100, 30));
      const { value } = await stream.getReader({ mode: "byob" }).read(new Uint8Array(6));
      expectWhole(value ?? new Uint8Array(), 6, 24);
    });

    // Red when: a read that waits for the budget takes bytes, and its release drops them.
    test("serves a BYOB read from the first byte on after two that waited for the budget and were released [WEB-013]", async () => {
      const { stream, write } = make();
      await settleAll(1);
      await write(sequence(30));
      exhaust();
      const left = stream.getReader({ mode: "byob" });
      const reads = [left.read(new Uint8Array(24)), left.read(new Uint8Array(24))];
      left.releaseLock();
      for (const read of reads) await expect(read).rejects.toBeInstanceOf(TypeError);
      const { value } = await stream.getReader({ mode: "byob" }).read(new Uint8Array(24));
      expectWhole(value ?? new Uint8Array(), 24);
    });

    // Red when: the view of a released reader is filled: the standard then keeps these bytes from a default read until more bytes arrive.
    test("serves a default read that waits behind a released BYOB read, pulled for or not, with no byte after [WEB-013]", async () => {
      for (const turns of [0, 1]) {
        const { stream, write, close } = make();
        const left = stream.getReader({ mode: "byob" });
        ignored(left.read(new Uint8Array(100)));
        await settle(turns);
        left.releaseLock();
        const reading = stream.getReader().read();
        await settle();
        await write(sequence(40));
        expectWhole((await reading).value ?? new Uint8Array(), 40);
        void close();
      }
    });

    // Red when: a pull() while a view is pending is assumed to be for the current reader.
    test("serves a default read that waits behind a released read by `new ReadableStreamBYOBReader(stream)`, with no byte after [WEB-013]", async () => {
      const { stream, write, close } = make();
      await settle();
      const left = new ReadableStreamBYOBReader(stream);
      ignored(left.read(new Uint8Array(100)));
      await settle();
      left.releaseLock();
      const reading = stream.getReader().read();
      await settle();
      await write(sequence(40));
      expectWhole((await reading).value ?? new Uint8Array(), 40);
      void close();
    });

    // Red when: the view of a released reader is filled.
    test("pipes on what a BYOB read that was released waited for, and the end [WEB-013]", async () => {
      const { stream, write, close } = make();
      const left = stream.getReader({ mode: "byob" });
      ignored(left.read(new Uint8Array(100)));
      await settle();
      left.releaseLock();
      const all = received(stream.pipeThrough(pipeStream()));
      await settle();
      await write(sequence(40));
      await close();
      expectWhole(await all, 40);
    });

    // Red when: the source is the taker of the direct hand-off at once while it waits at the pipe.
    test("delivers every byte once after a loop that waited was left with preventCancel, at every state of the budget [WEB-007] [WEB-013]", async () => {
      for (let round = 0; round < 40; round++) {
        const { stream, write } = make();
        await settle(1);
        for (let count = 0; count < round % 5; count++) await write(new Uint8Array(0));
        const loop = stream.values({ preventCancel: true });
        void loop.next();
        for (let count = 0; count < 5; count++) await Promise.resolve();
        await loop.return?.();
        const reader = stream.getReader({ mode: "byob" });
        const written = write(sequence(3000));
        for (let at = 0; at < 3000; ) {
          const { value = new Uint8Array() } = await reader.read(new Uint8Array(1000));
          expectWhole(value, value.length, at);
          at += value.length;
        }
        await written;
      }
    });

    // Red when: an error that arrives while bytes are in the stream drops them.
    test("delivers what a released read waited for before the error that follows [WEB-005] [WEB-013]", async () => {
      const failure = new Error("the source broke");
      const { reader, writer } = pipe();
      const stream = toReadableStream(reader);
      const left = stream.getReader();
      ignored(left.read());
      await settle();
      left.releaseLock();
      await writer.write(sequence(10));
      writer.closeWithError(failure);
      await settle();
      const consumer = stream.getReader();
      expectWhole((await consumer.read()).value ?? new Uint8Array(), 10);
      await expect(consumer.read()).rejects.toBe(failure);
    });
  });

// Limits that follow from the standard. The README lists them.
describe("byte streams of the standard", () => {
  beforeEach(({ skip }) => skip(!hasByteStreams, "the engine has no byte streams"));

  // Red when: the standard, or the source, removes this limit. Then remove it from the README.
  test("lose the bytes of a view with { min } that was released with some of them, at the end [WEB-013]", async () => {
    const { readable, writable } = pipeStream();
    const sink = writable.getWriter();
    const left = readable.getReader({ mode: "byob" });
    ignored(left.read(new Uint8Array(100), { min: 50 }));
    await settle();
    await sink.write(sequence(10));
    await settle();
    left.releaseLock();
    await sink.close();
    expect((await readable.getReader().read()).done).toBe(true);
  });

  // Red when: the standard, or the source, removes this limit. Then remove it from the README.
  test("hang at a BYOB read after one by `new ReadableStreamBYOBReader(stream)` that was released before pull() [WEB-013]", async ({
    skip,
  }) => {
    const { readable, writable } = pipeStream();
    const left = new ReadableStreamBYOBReader(readable);
    ignored(left.read(new Uint8Array(8)));
    left.releaseLock();
    await settle();
    await writable.getWriter().write(sequence(5));
    const waits = await pending(readable.getReader({ mode: "byob" }).read(new Uint8Array(8)));
    skip(!waits, "the engine calls pull() for it");
    expect(waits).toBe(true);
  });

  // Red when: the standard, or the source, removes this limit. Then remove it from the README.
  test("fail a read with { min } of more bytes than lie in the stream at its end [WEB-013]", async () => {
    const { readable, writable } = pipeStream();
    const sink = writable.getWriter();
    // A new slice of the budget. At the end of a slice the bytes would come after the view, which would then get them with `done: true`.
    await settleAll(1);
    const left = readable.getReader();
    ignored(left.read());
    await settle();
    left.releaseLock();
    await sink.write(sequence(10));
    await sink.close();
    await settle(); // On a busy machine the stream receives the end one turn later.
    const reading = readable.getReader({ mode: "byob" }).read(new Uint8Array(100), { min: 50 });
    await expect(reading).rejects.toBeInstanceOf(TypeError);
  });

  // Red when: Node behaves as the standard says. Then remove this limit from the README.
  test("fail in Node when two default reads wait behind a view that was released with some of its bytes [WEB-013]", async ({
    skip,
  }) => {
    const { readable, writable } = pipeStream();
    const sink = writable.getWriter();
    for (const promise of [sink.closed, sink.ready]) ignored(promise);
    const left = readable.getReader({ mode: "byob" });
    ignored(left.read(new Uint8Array(100), { min: 50 }));
    await settle();
    await sink.write(sequence(10));
    await settle();
    left.releaseLock();
    const consumer = readable.getReader();
    const [first, second] = [consumer.read(), consumer.read()];
    ignored(second);
    await settle();
    ignored(sink.write(sequence(10, 10)));
    expectWhole((await first).value ?? new Uint8Array(), 10);
    await settle();
    skip(!(await pending(second)), "the engine delivers both");
    expect(await pending(second)).toBe(true);
  });
});
