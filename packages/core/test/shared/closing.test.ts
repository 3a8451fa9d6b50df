import { getEventListeners } from "node:events";
import { attachReader, attachWriter, sharedPipe } from "@pipe512/core/shared";
import { expectWhole, sequence } from "@pipe512/testing/bytes";
import { rejection, thrown } from "@pipe512/testing/promises";
import { settle } from "@pipe512/testing/turns";
import { unhandled } from "@pipe512/testing/unhandled";
import { describe, expect, test } from "vitest";
import { drain } from "../support/drain.ts";

type Ends = ReturnType<typeof open>;

function open(options?: Parameters<typeof sharedPipe>[0]) {
  const { readerHandle, writerHandle } = sharedPipe(options);
  return { reader: attachReader(readerHandle), writer: attachWriter(writerHandle) };
}

// Guarantees that the conformance suite tests only for pipes that pass an error as the same object.
describe("an error that crosses as a copy", () => {
  // Red when: writes in flight do not reject with the reader's error, or each rejects with another copy of it.
  test("SharedReader.closeWithError() gives the writes in flight and later ones one error [SHARED-002] [PIPE-024]", async () => {
    const { reader, writer } = open();
    const writes = [writer.write(sequence(1033)), writer.write(sequence(5))].map(rejection);
    reader.closeWithError(new RangeError("no longer wanted"));
    const [first, second] = await Promise.all(writes);
    expect(first).toMatchObject({ name: "RangeError", message: "no longer wanted" });
    expect(first).toBeInstanceOf(Error);
    expect(second).toBe(first);
    expect(await rejection(writer.write(sequence(1)))).toBe(first);
    expect(await rejection(reader.read(new Uint8Array(1)))).toMatchObject({
      code: "ERR_CLOSED_PIPE",
      side: "reader",
      cause: { message: "no longer wanted" },
    });
  });

  // Red when: a reason that is not an Error counts as no error.
  test.for([undefined, null, 0, false, ""])(
    "SharedReader.closeWithError(%s) rejects the writes with an Error [SHARED-002] [PIPE-024]",
    async (value) => {
      const { reader, writer } = open();
      reader.closeWithError(value);
      const error = await rejection(writer.write(sequence(1)));
      expect(error).toBeInstanceOf(Error);
      expect(error).toMatchObject({ name: "Error", message: String(value) });
    },
  );

  // Red when: a later close of a side overwrites the error of the first.
  test("the first close of a side wins [SHARED-002] [PIPE-025]", async () => {
    const later = new Error("later");
    for (const side of ["reader", "writer"] as const) {
      const other = ({ reader, writer }: Ends) =>
        rejection(side === "writer" ? reader.read(new Uint8Array(1)) : writer.write(sequence(1)));
      const failed = open();
      failed[side].closeWithError(new Error("first"));
      failed[side].closeWithError(later);
      failed[side].close();
      expect(await other(failed)).toMatchObject({ message: "first" });
      const closed = open();
      closed[side].close();
      closed[side].closeWithError(later);
      if (side === "writer") expect(await closed.reader.read(new Uint8Array(1))).toBe(null);
      else expect(await other(closed)).toMatchObject({ code: "ERR_CLOSED_PIPE", side: "reader" });
    }
  });

  // Red when: a call that does not wait returns as if it would have to wait on a closed pipe; or it throws another error than the waiting call.
  test("tryWrite(), tryRead() and tryReadChunk() throw what write(), read() and readChunk() would reject with [SHARED-002] [PIPE-010]", async () => {
    const own = open();
    own.writer.close();
    own.reader.close();
    expect(thrown(() => own.writer.tryWrite(sequence(1)))).toMatchObject({
      code: "ERR_CLOSED_PIPE",
      side: "writer",
      operation: "write",
    });
    for (const call of [() => own.reader.tryRead(new Uint8Array(1)), () => own.reader.tryReadChunk()]) {
      expect(thrown(call)).toMatchObject({ code: "ERR_CLOSED_PIPE", side: "reader", operation: "read" });
    }
    const left = open();
    left.reader.closeWithError(new Error("no more"));
    const refused = thrown(() => left.writer.tryWrite(sequence(1)));
    expect(refused).toMatchObject({ message: "no more" });
    expect(await rejection(left.writer.write(sequence(1)))).toBe(refused);
    const failed = open();
    failed.writer.tryWrite(sequence(5));
    failed.writer.closeWithError(new Error("no more"));
    expect(failed.reader.tryReadChunk()).toEqual(sequence(5));
    const told = thrown(() => failed.reader.tryReadChunk());
    expect(told).toMatchObject({ message: "no more" });
    expect(thrown(() => failed.reader.tryRead(new Uint8Array(1)))).toBe(told);
    const ended = open();
    expect(ended.reader.tryReadChunk()).toBe(undefined);
    ended.writer.close();
    expect(ended.reader.tryReadChunk()).toBe(null);
  });

  // Red when: a message names another call, or omits how many bytes were moved.
  test("a call says what it attempted, which side closed, and how far it came [SHARED-002] [PIPE-028]", async () => {
    const own = open();
    own.writer.close();
    own.reader.close();
    const left = open();
    const calls = [
      own.writer.write(sequence(5)),
      own.reader.read(new Uint8Array(7)),
      own.reader.readChunk(),
      left.writer.write(sequence(1033)),
      left.writer.flush(),
    ].map((call) => rejection(call));
    left.reader.close();
    expect(await Promise.all(calls)).toMatchObject([
      { message: "Cannot write 5 bytes: the writer closed before any was accepted", operation: "write" },
      { message: "Cannot read up to 7 bytes: the reader closed", operation: "read" },
      { message: "Cannot read: the reader closed", operation: "read" },
      { message: "Cannot write 1033 bytes: the reader closed after 512 were accepted", bytesWritten: 512 },
      { message: "Cannot flush: the reader closed", operation: "flush" },
    ]);
    expect(await calls[0]).not.toHaveProperty("cause");
    const full = open();
    expect(thrown(() => full.writer.writeSync(sequence(513), { timeoutMs: 0 }))).toMatchObject({
      message: "Cannot write 513 bytes within 0 ms: 512 were accepted",
      code: "ERR_TIMEOUT",
      bytesWritten: 512,
    });
  });

  // Red when: a write that finds room overtakes the waiting writes.
  test("a write keeps its place where room has come and a write before it has not gone on yet [SHARED-002] [PIPE-006]", async () => {
    const { reader, writer } = open();
    const first = writer.write(sequence(1033));
    const into = new Uint8Array(512);
    expect(reader.tryRead(into)).toBe(512);
    const second = writer.write(sequence(5, 1033));
    expect(writer.tryWrite(sequence(5, 1038))).toBe(0);
    for (let at = 512; at < 1038; ) {
      const count = (await reader.read(into)) ?? 0;
      expectWhole(into.subarray(0, count), count, at);
      at += count;
    }
    expect([await first, await second]).toEqual([1033, 5]);
  });

  // Red when: a name or a code is truncated inside a character, or shifts the following field; or the text is written beyond its area.
  test.for([0, 1, 2, 3])(
    "a long name and a long code are cut at a whole character, %i bytes in [SHARED-002]",
    async (shift) => {
      const { reader, writer } = open();
      const long = "x".repeat(shift) + "😀".repeat(80);
      writer.closeWithError(Object.assign(new Error(`it: ${long}`), { name: `N${long}`, code: `C${long}` }));
      const error = (await rejection(reader.read(new Uint8Array(1)))) as Error & { code: string };
      for (const [text, whole] of [
        [error.name, `N${long}`],
        [error.code, `C${long}`],
        [error.message, `it: ${long}`],
      ] as const) {
        expect(whole.startsWith(text)).toBe(true);
        expect(text.isWellFormed()).toBe(true);
        expect(new TextEncoder().encode(text).length).toBeGreaterThan(60);
      }
    },
  );

  // Red when: the error takes room from the ring, or is truncated before its area is full.
  test("name, code and message have 249 bytes together [SHARED-002]", async () => {
    const { reader, writer } = open();
    writer.tryWrite(sequence(512));
    writer.closeWithError(new Error("m".repeat(1000)));
    expect(await drainUntilError(reader, 512)).toMatchObject({
      name: "Error",
      message: "m".repeat(249 - "Error".length),
    });
  });

  // Red when: an error is read while another thread of the same side still writes it.
  test("a close whose error is not completely written yet is reported without that error [SHARED-002] [SHARED-006]", async () => {
    const { readerHandle, writerHandle } = sharedPipe({ writers: "many" });
    const writer = attachWriter(writerHandle);
    // Another thread has reserved the area, and has not written its error yet.
    new Int32Array(writerHandle.buffer)[64] = 1;
    writer.closeWithError(new Error("the second"));
    expect(await rejection(attachReader(readerHandle).read(new Uint8Array(1)))).toMatchObject({
      code: "ERR_CLOSED_PIPE",
      side: "writer",
    });
  });
});

describe("sharedPipe({ signal })", () => {
  // Red when: the abort overwrites the close of the reader; or the listener stays registered.
  test("changes nothing once the reader has closed [SHARED-002] [PIPE-033]", async () => {
    const controller = new AbortController();
    const { reader, writer } = open({ signal: controller.signal });
    reader.closeWithError(new Error("first"));
    controller.abort(new Error("later"));
    expect(await rejection(writer.write(sequence(1)))).toMatchObject({ message: "first" });
    expect(await rejection(reader.read(new Uint8Array(1)))).toMatchObject({ side: "reader" });
    await settle();
    expect(getEventListeners(controller.signal, "abort")).toEqual([]);
  });

  // Red when: the pipe does not check for its end when the last write that close() lets finish has settled.
  test("listens until no operation can wait any more [SHARED-002] [PIPE-033]", async () => {
    const { signal } = new AbortController();
    const own = new AbortController();
    const { reader, writer } = open({ signal });
    const aborted = rejection(writer.write(sequence(1033), { signal: own.signal }));
    writer.close();
    await settle();
    expect(getEventListeners(signal, "abort")).toHaveLength(1);
    own.abort("stop");
    expect(await aborted).toBe("stop");
    await settle();
    expect(getEventListeners(signal, "abort")).toEqual([]);
    expect(await drain(reader)).toEqual(sequence(512));
  });

  // Red when: the reason does not reach the pending calls.
  test("fails the calls that wait, on both sides [SHARED-002] [PIPE-027] [PIPE-033]", async () => {
    const controller = new AbortController();
    const full = open({ signal: controller.signal });
    const empty = open({ signal: controller.signal });
    const waiting = [full.writer.write(sequence(600)), empty.reader.read(new Uint8Array(1))].map(rejection);
    controller.abort(new Error("timed out"));
    expect(await Promise.all(waiting)).toMatchObject([
      { code: "ERR_CLOSED_PIPE", bytesWritten: 512, cause: { message: "timed out" } },
      { message: "timed out" },
    ]);
  });

  // Red when: the signal is not validated before it is used.
  test("throws for a signal that is not an AbortSignal [SHARED-002]", () => {
    for (const signal of [{}, null, "stop", new EventTarget()] as AbortSignal[]) {
      expect(() => sharedPipe({ signal })).toThrow("must be an AbortSignal");
    }
  });
});

describe("a rejection without a handler", () => {
  const gone = new Error("gone");
  const cases: ReadonlyArray<readonly [string, (ends: Ends) => unknown]> = [
    ["SharedWriter.write()", ({ writer }) => writer.write(sequence(1033))],
    ["SharedWriter.flush()", ({ writer }) => [writer.tryWrite(sequence(1)), writer.flush()]],
    ["SharedReader.read()", ({ reader }) => reader.read(new Uint8Array(1))],
    ["SharedReader.readChunk()", ({ reader }) => reader.readChunk()],
    ["SharedReader.chunks().next()", ({ reader }) => reader.chunks().next()],
  ];

  // Red when: an end marks the rejections that it returns as handled.
  test.for(cases)("of %s stays unhandled [SHARED-002] [PIPE-034]", async ([title, operate]) => {
    const ends = open();
    const reasons = await unhandled(() => {
      operate(ends);
      ends[title.includes("Writer") ? "reader" : "writer"].closeWithError(gone);
    });
    expect(reasons).toMatchObject([{ message: "gone" }]);
  });

  // Red when: `closed` rejects with the error of the close; or an abort rejects a promise that the caller never received.
  test("is not caused by `closed`, or by a pipe with no pending operation [SHARED-002] [PIPE-034]", async () => {
    const reasons = await unhandled(() => {
      for (const side of ["reader", "writer"] as const) {
        const ends = open();
        const born = open({ signal: AbortSignal.abort(gone) });
        void [ends.reader.closed, ends.writer.closed, born.reader.closed, born.writer.closed];
        ends[side].closeWithError(gone);
      }
    });
    expect(reasons).toEqual([]);
  });
});

/** Reads the given number of bytes, and then the error. */
async function drainUntilError(reader: Ends["reader"], bytes: number): Promise<unknown> {
  expect(await reader.read(new Uint8Array(bytes))).toBe(bytes);
  return rejection(reader.read(new Uint8Array(1)));
}
