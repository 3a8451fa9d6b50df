import { getEventListeners } from "node:events";
import { pipe, readAll } from "@pipe512/core";
import { awkwardSizes, expectWhole, sequence } from "@pipe512/testing/bytes";
import { pending, settle } from "@pipe512/testing/turns";
import { pipeStream, toReadableStream, toWritableStream } from "@pipe512/web";
import { describe, expect, test } from "vitest";
import { received, sourceOf } from "./support/streams.ts";

const failure = new Error("it broke");
const closedByReader = { code: "ERR_CLOSED_PIPE", side: "reader" };

/** An endless source of chunks. */
function* endless(length: number): Generator<Uint8Array<ArrayBuffer>, never> {
  for (let at = 0; ; at += length) yield sequence(length, at);
}

describe("pipeTo() into toWritableStream()", () => {
  // Red when: close() does not close the writer.
  test("closes the pipe at the end of the source, except with { preventClose } [WEB-009]", async () => {
    for (const preventClose of [false, true]) {
      const { reader, writer } = pipe();
      const stream = toWritableStream(writer);
      await sourceOf([sequence(300)]).stream.pipeTo(stream, { preventClose });
      expect(await reader.read(new Uint8Array(512))).toBe(300);
      const end = reader.read(new Uint8Array(512));
      expect(await pending(end)).toBe(preventClose);
      if (preventClose) await stream.close();
      expect(await end).toBe(null);
    }
  });

  // Red when: abort() closes the writer without the error.
  test("fails the pipe with the source's error, except with { preventAbort } [WEB-009]", async () => {
    for (const preventAbort of [false, true]) {
      const { reader, writer } = pipe();
      const stream = toWritableStream(writer);
      const source = sourceOf([sequence(300)], (controller) => controller.error(failure));
      await expect(source.stream.pipeTo(stream, { preventAbort })).rejects.toBe(failure);
      expect(await reader.read(new Uint8Array(512))).toBe(300);
      const next = reader.read(new Uint8Array(512));
      expect(await pending(next)).toBe(preventAbort);
      if (!preventAbort) await expect(next).rejects.toBe(failure);
      else await stream.close();
    }
  });

  for (const [how, error, expected] of [
    ["closed", undefined, closedByReader],
    ["failed", failure, failure],
  ] as const) {
    // Red when: an idle source is not cancelled, or gets another error.
    test(`cancels the source when the reader has ${how}, even while it is idle, except with { preventCancel } [WEB-009]`, async () => {
      for (const preventCancel of [false, true]) {
        for (const chunks of [[], endless(300)]) {
          const { reader, writer } = pipe();
          const source = sourceOf(chunks, () => {});
          const piped = source.stream.pipeTo(toWritableStream(writer), { preventCancel });
          await settle();
          if (error === undefined) reader.close();
          else reader.closeWithError(error);
          const reason: unknown = await piped.catch((caught: unknown) => caught);
          if (error === undefined) expect(reason).toMatchObject(expected);
          else expect(reason).toBe(error);
          expect(source.cancelled).toEqual(preventCancel ? [] : [reason]);
          expect(source.stream.locked).toBe(false);
        }
      }
    });
  }

  // Red when: the source is pulled for chunks that do not fit.
  test("pulls no more of the source than the pipe holds, and the current chunk [WEB-003] [WEB-009]", async () => {
    const { reader, writer } = pipe();
    const source = sourceOf(endless(100));
    const piped = source.stream.pipeTo(toWritableStream(writer));
    await settle();
    expect(source.asked).toBe(6);
    await reader.read(new Uint8Array(100));
    await settle();
    expect(source.asked).toBe(7);
    reader.close();
    await expect(piped).rejects.toMatchObject(closedByReader);
  });

  for (const [source, sourceError] of [
    ["has ended", undefined],
    ["has failed", new Error("the source broke")],
  ] as const) {
    for (const [side, end] of [
      ["closed", closedByReader],
      ["failed", failure],
    ] as const) {
      // Red when: the error of the pipe hides the source's.
      test(`rejects as the standard requires when the source ${source} and the reader has ${side} before [WEB-009]`, async () => {
        const { reader, writer } = pipe();
        const stream = toWritableStream(writer);
        if (end === failure) reader.closeWithError(failure);
        else reader.close();
        await settle();
        const { stream: from } = sourceOf([], (controller) =>
          sourceError ? controller.error(sourceError) : controller.close(),
        );
        const consumer = from.getReader();
        await consumer.read().catch(() => {});
        consumer.releaseLock();
        const reason: unknown = await from.pipeTo(stream).catch((error: unknown) => error);
        if (sourceError) expect(reason).toBe(sourceError);
        else if (end === failure) expect(reason).toBe(failure);
        else expect(reason).toMatchObject(closedByReader);
      });
    }
  }

  // Red when: a closed pipe accepts the first chunk.
  test("rejects for a closed pipe, and for a locked stream [WEB-009]", async () => {
    const { reader, writer } = pipe();
    reader.closeWithError(failure);
    const source = sourceOf(endless(100));
    await expect(source.stream.pipeTo(toWritableStream(writer))).rejects.toBe(failure);
    expect(source.cancelled).toEqual([failure]);

    const { writable } = pipeStream();
    writable.getWriter();
    const other = sourceOf(endless(100));
    await expect(other.stream.pipeTo(writable)).rejects.toBeInstanceOf(TypeError);
    expect(other.cancelled).toEqual([]);
  });
});

describe.for([
  ["a byte stream", true],
  ["a plain stream", false],
] as const)("pipeTo() from toReadableStream(), %s,", ([, byob]) => {
  // Red when: the end of the pipe does not close the stream.
  test("closes the destination at the end of the pipe [WEB-009]", async () => {
    const { reader, writer } = pipe();
    const other = pipe();
    const bytes = readAll(other.reader);
    const piped = toReadableStream(reader, { byob }).pipeTo(toWritableStream(other.writer));
    await writer.write(sequence(1033));
    writer.close();
    await piped;
    expectWhole(await bytes, 1033);
  });

  // Red when: an error of the pipe ends the stream.
  test("aborts the destination with the pipe's error, after the accepted bytes [WEB-009]", async () => {
    const { reader, writer } = pipe();
    const other = pipe();
    await writer.write(sequence(512));
    writer.closeWithError(failure);
    const piped = toReadableStream(reader, { byob }).pipeTo(toWritableStream(other.writer));
    await expect(piped).rejects.toBe(failure);
    expect(await other.reader.read(new Uint8Array(600))).toBe(512);
    await expect(other.reader.read(new Uint8Array(600))).rejects.toBe(failure);
  });

  // Red when: the destination is closed in spite of the options.
  test("leaves the destination open with { preventClose } and { preventAbort } [WEB-009]", async () => {
    for (const error of [undefined, failure]) {
      const { reader, writer } = pipe();
      const ends: unknown[] = [];
      const destination = new WritableStream({
        close: () => void ends.push("closed"),
        abort: (reason) => void ends.push(reason),
      });
      if (error) writer.closeWithError(error);
      else writer.close();
      const stream = toReadableStream(reader, { byob });
      const piped = stream.pipeTo(destination, { preventClose: true, preventAbort: true });
      if (error) await expect(piped).rejects.toBe(error);
      else await piped;
      expect(ends).toEqual([]);
      expect([stream.locked, destination.locked]).toEqual([false, false]);
    }
  });

  // Red when: a locked stream is read.
  test("rejects for a locked stream, and leaves the pipe open [WEB-009]", async () => {
    const { reader, writer } = pipe();
    const stream = toReadableStream(reader, { byob });
    stream.getReader();
    await writer.write(sequence(100));
    await expect(stream.pipeTo(new WritableStream())).rejects.toBeInstanceOf(TypeError);
    expect(reader.bytesRead).toBe(0);
    expect(await reader.read(new Uint8Array(200))).toBe(100);
  });

  // Red when: cancel() is not passed on to the reader.
  test("cancels the pipe when the destination fails, except with { preventCancel } [WEB-009]", async () => {
    for (const preventCancel of [false, true]) {
      const { reader, writer } = pipe();
      const written = writer.write(sequence(1033));
      const destination = new WritableStream({
        write() {
          throw failure;
        },
      });
      const stream = toReadableStream(reader, { byob, chunkSize: 400 });
      await expect(stream.pipeTo(destination, { preventCancel })).rejects.toBe(failure);
      if (preventCancel) {
        expect(await pending(written)).toBe(true);
        expect(stream.locked).toBe(false);
        await stream.cancel(failure);
      }
      await expect(written).rejects.toBe(failure);
    }
  });
});

describe("pipeTo() with a signal", () => {
  // Red when: the reason is not passed on by abort().
  test("fails both sides with its reason, once the current chunk is accepted, as the standard requires [WEB-009]", async () => {
    const { reader, writer } = pipe();
    const source = sourceOf(endless(600));
    const controller = new AbortController();
    const piped = source.stream.pipeTo(toWritableStream(writer), { signal: controller.signal });
    await settle();
    controller.abort(failure);
    expect(await pending(piped)).toBe(true);
    expect(await reader.read(new Uint8Array(600))).toBe(600);
    await expect(piped).rejects.toBe(failure);
    expect(source.cancelled).toEqual([failure]);
    await expect(reader.read(new Uint8Array(600))).rejects.toBe(failure);
  });

  // Red when: a side is closed in spite of the options.
  test("leaves the sides of { preventAbort } and { preventCancel } open [WEB-009]", async () => {
    const { reader, writer } = pipe();
    const source = sourceOf(endless(600));
    const stream = toWritableStream(writer);
    const controller = new AbortController();
    const piped = source.stream.pipeTo(stream, {
      signal: controller.signal,
      preventAbort: true,
      preventCancel: true,
    });
    await settle();
    controller.abort(failure);
    expect(await reader.read(new Uint8Array(600))).toBe(600);
    await expect(piped).rejects.toBe(failure);
    expect(source.cancelled).toEqual([]);
    const sink = stream.getWriter();
    await sink.write(sequence(3));
    expect(await reader.read(new Uint8Array(600))).toBe(3);
    await sink.close();
    expect(await reader.read(new Uint8Array(600))).toBe(null);
  });

  // Red when: an aborted signal is ignored.
  test("moves nothing if it has aborted already [WEB-009]", async () => {
    const { reader, writer } = pipe();
    const source = sourceOf(endless(600));
    const piped = source.stream.pipeTo(toWritableStream(writer), { signal: AbortSignal.abort(failure) });
    await expect(piped).rejects.toBe(failure);
    expect(source.asked).toBe(0);
    await expect(reader.read(new Uint8Array(600))).rejects.toBe(failure);
  });

  // Red when: the listener of the pipe stays on the signal.
  test("leaves no listener on it, nor does pipeStream({ signal }) [WEB-009]", async () => {
    const { signal } = new AbortController();
    await Promise.all(
      Array.from({ length: 100 }, async () => {
        const { readable, writable } = pipeStream({ signal });
        const bytes = received(readable);
        await sourceOf([sequence(1033)]).stream.pipeTo(writable, { signal });
        expectWhole(await bytes, 1033);
      }),
    );
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });

  // Red when: the listener of the pipe stays on a signal whose pipe failed, was aborted or was cancelled.
  test("leaves no listener on it after an error, abort(), cancel() or the abort itself [WEB-009]", async () => {
    for (const how of ["error", "abort", "cancel", "signal"]) {
      const controller = new AbortController();
      const { signal } = controller;
      const { readable, writable } = pipeStream({ signal });
      if (how === "abort") await writable.abort(failure);
      else if (how === "cancel") await readable.cancel(failure);
      else {
        const source = sourceOf([sequence(600)], (given) => {
          if (how === "error") given.error(failure);
          else controller.abort(failure);
        });
        const piped = source.stream.pipeThrough({ readable, writable }, { signal });
        await expect(received(piped)).rejects.toBeDefined();
      }
      await settle();
      expect(getEventListeners(signal, "abort")).toEqual([]);
    }
  });
});

describe("pipeThrough()", () => {
  // Red when: a chunk is cut if it must wait.
  test.for(awkwardSizes)("moves chunks of %i bytes through a chain of pipes [WEB-009]", async (size) => {
    const chunks = [0, 1, 2].map((at) => sequence(size, at * size));
    const stream = sourceOf(chunks)
      .stream.pipeThrough(pipeStream())
      .pipeThrough(new TransformStream())
      .pipeThrough(pipeStream({ byob: false }))
      .pipeThrough(pipeStream({ chunkSize: 100, transfer: true }));
    expectWhole(await received(stream), 3 * size);
  });

  describe.for([
    ["a byte stream", true],
    ["a plain stream", false],
  ] as const)("of pipeStream(), %s,", ([, byob]) => {
    // Red when: close() of the writable side does not close the pipe.
    test("keeps the pipe open with { preventClose } [WEB-009]", async () => {
      const both = pipeStream({ byob });
      const consumer = sourceOf([sequence(100)])
        .stream.pipeThrough(both, { preventClose: true })
        .getReader();
      expectWhole((await consumer.read()).value ?? new Uint8Array(), 100);
      const end = consumer.read();
      expect(await pending(end)).toBe(true);
      await both.writable.close();
      expect((await end).done).toBe(true);
    });

    // Red when: close() of the writable side does not close the pipe.
    test("keeps the pipe open with { preventAbort } [WEB-009]", async () => {
      const both = pipeStream({ byob });
      const source = sourceOf([sequence(100)], (controller) => controller.error(failure));
      const consumer = source.stream.pipeThrough(both, { preventAbort: true }).getReader();
      expectWhole((await consumer.read()).value ?? new Uint8Array(), 100);
      expect(await pending(consumer.closed)).toBe(true);
      await both.writable.close();
      await consumer.closed;
    });

    // Red when: the writable side does not fail when the readable one is cancelled.
    test("keeps the source with { preventCancel } [WEB-009]", async () => {
      const source = sourceOf(endless(100));
      const stream = source.stream.pipeThrough(pipeStream({ byob }), { preventCancel: true });
      await settle(); // Node 20 asserts that no chunk is pending then.
      await stream.cancel(failure);
      await settle();
      expect(source.cancelled).toEqual([]);
      expect(source.stream.locked).toBe(false);
    });

    // Red when: the reason is not passed on by abort().
    test("fails both sides with the reason of a { signal } [WEB-009]", async () => {
      const controller = new AbortController();
      const { signal } = controller;
      const source = sourceOf(endless(600));
      const consumer = source.stream.pipeThrough(pipeStream({ byob }), { signal }).getReader();
      await settle();
      controller.abort(failure);
      let at = 0;
      const reading = async (): Promise<void> => {
        for (let step = await consumer.read(); !step.done; step = await consumer.read())
          at += step.value.length;
      };
      await expect(reading()).rejects.toBe(failure);
      expect(at).toBe(600); // The standard waits for the current chunk.
      expect(source.cancelled).toEqual([failure]);
    });
  });

  // Red when: an error becomes the end.
  test("passes on an error to the end of a chain, and a cancellation to its start [WEB-009]", async () => {
    const failing = sourceOf([sequence(100)], (controller) => controller.error(failure));
    const reading = failing.stream.pipeThrough(pipeStream()).pipeThrough(pipeStream({ byob: false }));
    const consumer = reading.getReader();
    expectWhole((await consumer.read()).value ?? new Uint8Array(), 100);
    await expect(consumer.read()).rejects.toBe(failure);

    const source = sourceOf(endless(100));
    const chain = source.stream.pipeThrough(pipeStream()).pipeThrough(pipeStream({ byob: false }));
    await settle();
    await chain.cancel(failure);
    await settle();
    expect(source.cancelled).toEqual([failure]);
  });

  // Red when: the chain holds more than its pipes do.
  test("holds 512 bytes and the current chunk for each pipe of a chain without a consumer [WEB-003]", async () => {
    const source = sourceOf(endless(64));
    const [first, second] = [pipeStream({ chunkSize: 64 }), pipeStream({ chunkSize: 64 })];
    const chain = source.stream.pipeThrough(first).pipeThrough(second);
    await settle(32);
    // Eight chunks in each pipe, and one in each writable side.
    expect(source.asked).toBe(18);
    await chain.cancel();
  });

  // Red when: neither side follows the signal.
  test("is ended by pipeStream({ signal }) at once, although the standard would wait for the current chunk [WEB-009]", async () => {
    const controller = new AbortController();
    const { readable, writable } = pipeStream({ signal: controller.signal });
    const source = sourceOf(endless(600));
    const piped = source.stream.pipeTo(writable, { preventAbort: true });
    await settle();
    controller.abort(failure);
    await expect(piped).rejects.toBe(failure);
    expect(source.cancelled).toEqual([failure]);
    const consumer = readable.getReader();
    expectWhole((await consumer.read()).value ?? new Uint8Array(), 512);
    await expect(consumer.read()).rejects.toBe(failure);
  });
});
