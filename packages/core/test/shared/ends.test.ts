import { createContext, runInContext } from "node:vm";
import { getEventListeners } from "node:events";
import type { Worker } from "node:worker_threads";
import { attachReader, attachWriter, sharedPipe, supervise } from "@pipe512/core/shared";
import { expectSequence, sequence } from "@pipe512/testing/bytes";
import { rejection, thrown } from "@pipe512/testing/promises";
import { pending } from "@pipe512/testing/turns";
import { describe, expect, test } from "vitest";
import { drain } from "../support/drain.ts";

function open(options?: Parameters<typeof sharedPipe>[0]) {
  const { readerHandle, writerHandle } = sharedPipe(options);
  return { reader: attachReader(readerHandle), writer: attachWriter(writerHandle) };
}

describe("an error that crosses", () => {
  class DiskError extends Error {
    override name = "DiskError";
    code = "ENOSPC";
  }

  // Red when: the code is missing; or each read makes a new error object.
  test("SharedWriter.closeWithError() gives every read one error with the name, message and code [SHARED-002]", async () => {
    const { reader, writer } = open();
    writer.closeWithError(new DiskError("the disk is full: ä€😀"));
    const error = await rejection(reader.read(new Uint8Array(1)));
    expect(error).toMatchObject({ name: "DiskError", message: "the disk is full: ä€😀", code: "ENOSPC" });
    expect(error).toBeInstanceOf(Error);
    expect(await rejection(reader.read(new Uint8Array(1)))).toBe(error);
    expect(await rejection(writer.write(sequence(1)))).toMatchObject({
      code: "ERR_CLOSED_PIPE",
      cause: { message: "the disk is full: ä€😀" },
    });
  });

  // Red when: the message is truncated inside a character, or written beyond its area.
  test.for([0, 1, 2, 3])(
    "a long message is cut at a whole character, %i bytes in [SHARED-002]",
    async (shift) => {
      const { reader, writer } = open();
      const message = "x".repeat(shift) + "😀".repeat(200);
      reader.closeWithError(new Error(message));
      const error = (await rejection(writer.write(sequence(1)))) as Error;
      expect(message.startsWith(error.message)).toBe(true);
      expect(error.message.length).toBeGreaterThan(100);
      expect(error.message.isWellFormed()).toBe(true);
    },
  );

  // Red when: a reason that is not an Error counts as no error; or the exception of a reason's getter is passed on.
  test("a reason that is not an Error becomes one, and closing never throws [SHARED-002]", async () => {
    const hostile = new Proxy({}, { get: () => thrown(() => null) });
    const cases = [
      [undefined, "undefined"],
      [0, "0"],
      ["", ""],
      ["stop", "stop"],
      [{}, "an object"],
      [hostile, "an object"],
    ] as const;
    for (const [value, message] of cases) {
      const { reader, writer } = open();
      writer.closeWithError(value);
      expect(await rejection(reader.read(new Uint8Array(1)))).toMatchObject({ name: "Error", message });
    }
  });
});

describe("handles", () => {
  // Red when: an attached end is not recorded.
  test("a handle for one is attached once, also by its clones [SHARED-006]", () => {
    const { readerHandle, writerHandle } = sharedPipe();
    const [reader, writer] = [attachReader(readerHandle), attachWriter(writerHandle)];
    expect(() => attachWriter(structuredClone(writerHandle))).toThrow(/writers: "many"/);
    expect(() => attachReader(readerHandle)).toThrow(TypeError);
    writer.writeSync(sequence(5));
    expect(reader.tryRead(new Uint8Array(9))).toBe(5);
  });

  // Red when: the memory is not validated before it is used; or supervise() reads its handle before it validates it.
  test("attachWriter() and supervise() throw for a value that is not a handle, for the other side's handle and for foreign memory [SHARED-002]", () => {
    const { readerHandle, writerHandle } = sharedPipe();
    const bad: unknown[] = [undefined, null, 42, {}, { side: "writer" }, readerHandle];
    bad.push(
      ...[0, 512, 1024, 2048].map((size) => ({ side: "writer", buffer: new SharedArrayBuffer(size) })),
    );
    bad.push({ side: "writer", buffer: new ArrayBuffer(1024) });
    for (const handle of bad) expect(() => attachWriter(handle as typeof writerHandle)).toThrow(TypeError);
    expect(() => supervise({} as Worker, writerHandle)).toThrow(TypeError);
    const worker = { once: () => {}, off: () => {} };
    for (const handle of bad.slice(0, 4)) {
      expect(() => supervise(worker, handle as typeof writerHandle)).toThrow(
        "handle must be the readerHandle of a sharedPipe()",
      );
    }
    expect(() => sharedPipe({ writers: "two" as "many" })).toThrow(TypeError);
    expect(attachWriter(writerHandle).writeSync(sequence(5))).toBe(5);
  });

  // Red when: a page without shared memory gets a ReferenceError.
  test("sharedPipe() without shared memory names the headers that a page needs [SHARED-001]", () => {
    const { SharedArrayBuffer } = globalThis;
    try {
      Reflect.deleteProperty(globalThis, "SharedArrayBuffer");
      expect(() => sharedPipe()).toThrow(
        /Cross-Origin-Opener-Policy: same-origin.*Cross-Origin-Embedder-Policy: require-corp/,
      );
    } finally {
      globalThis.SharedArrayBuffer = SharedArrayBuffer;
    }
  });
});

describe("the surface of the ends", () => {
  // Red when: leaving the loop does not close the reader; return() leaves a pending step unsettled, or loses its bytes; or a
  // chunk is a view of the ring.
  test("SharedReader iterates over owned chunks, and leaving closes unless prevented [SHARED-002] [PIPE-012]", async () => {
    const { reader, writer } = open();
    writer.tryWrite(sequence(300));
    for await (const chunk of reader.chunks({ maxBytes: 100, preventClose: true })) {
      expectSequence(chunk);
      expect(chunk.buffer).toBeInstanceOf(ArrayBuffer); // Not a view of shared memory, which many web APIs reject.
      break;
    }
    const iterator = reader.chunks({ preventClose: true });
    expect((await iterator.next()).value).toEqual(sequence(200, 100));
    const waiting = iterator.next();
    expect(await pending(waiting)).toBe(true);
    await iterator.return?.();
    expect([await waiting, await iterator.next()]).toEqual(
      [1, 2].map(() => ({ done: true, value: undefined })),
    );
    writer.tryWrite(sequence(5, 300));
    for await (const chunk of reader) {
      expectSequence(chunk, 300);
      break;
    }
    expect(await rejection(writer.write(sequence(1)))).toMatchObject({
      code: "ERR_CLOSED_PIPE",
      side: "reader",
    });
  });

  // Red when: an abort between two steps does not end the iteration, or ends it twice; or the listener stays registered.
  test("an aborted iteration ends with the reason and closes the reader with it [SHARED-002] [PIPE-012]", async () => {
    for (const waits of [true, false]) {
      const { reader, writer } = open();
      const controller = new AbortController();
      const iterator = reader.chunks({ signal: controller.signal });
      const step = waits ? rejection(iterator.next()) : undefined;
      controller.abort(new Error("enough"));
      expect(await (step ?? rejection(iterator.next()))).toBe(controller.signal.reason);
      expect(await iterator.next()).toEqual({ done: true, value: undefined });
      expect(await rejection(writer.write(sequence(1)))).toMatchObject({ message: "enough" });
      expect(getEventListeners(controller.signal, "abort")).toEqual([]);
    }
  });

  // Red when: the abort does not change the shared memory; it fails a writer that has already closed; or the listener stays registered.
  test("sharedPipe({ signal }) fails the writer with the reason, also writes that close() let go on [SHARED-002]", async () => {
    const controller = new AbortController();
    const { reader, writer } = open({ signal: controller.signal });
    const clean = open({ signal: controller.signal });
    clean.writer.tryWrite(sequence(5));
    clean.writer.close();
    const writing = rejection(writer.write(sequence(1033)));
    writer.close();
    controller.abort(new Error("too late"));
    expect(await writing).toMatchObject({
      code: "ERR_CLOSED_PIPE",
      side: "writer",
      cause: { message: "too late" },
    });
    expect(await reader.read(new Uint8Array(600))).toBe(512);
    expect(await rejection(reader.read(new Uint8Array(1)))).toMatchObject({ message: "too late" });
    expect(await drain(clean.reader)).toEqual(sequence(5));
    expect(getEventListeners(controller.signal, "abort")).toEqual([]);
    const born = open({ signal: AbortSignal.abort(new Error("before")) });
    expect(await rejection(born.reader.read(new Uint8Array(1)))).toMatchObject({ message: "before" });
  });

  // Red when: an array of another realm is validated by its constructor.
  test("bytes of another realm and a Buffer are bytes, wherever they begin [SHARED-002]", async () => {
    const { reader, writer } = open();
    const foreign = runInContext("new Uint8Array([1, 2, 3])", createContext()) as Uint8Array;
    expect(writer.writeSync(foreign)).toBe(3);
    expect(writer.writeSync(Buffer.from("abc"))).toBe(3);
    const into = Buffer.alloc(8);
    expect(await reader.read(into.subarray(1, 8))).toBe(6);
    expect([...into]).toEqual([0, 1, 2, 3, 97, 98, 99, 0]);
  });
});
