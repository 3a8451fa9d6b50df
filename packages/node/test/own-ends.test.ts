import { EventEmitter } from "node:events";
import { PassThrough, Readable, Writable } from "node:stream";
import { pipe, readAll, readFull, UnexpectedEndError } from "@pipe512/core";
import { fromReadable, fromWritable, toReadable } from "@pipe512/node";
import { describe, expect, test } from "vitest";
import { expectSequence, sequence } from "./support/bytes.ts";
import { record } from "./support/streams.ts";
import { rejection, settle, stray, watch } from "./support/turns.ts";

const failure = new Error("the stream broke");

describe("fromReadable()", () => {
  // Red when: a read that has settled counts as pending.
  test("pulls a chunk where a read waits, and none ahead of that [NODE-012]", async () => {
    let made = 0;
    const source = new Readable({
      highWaterMark: 1,
      read() {
        made += 1;
        this.push(sequence(10, (made - 1) * 10));
      },
    });
    const reader = fromReadable(source);
    const into = new Uint8Array(10);
    for (let round = 0; round < 3; round++) expect(await reader.read(into)).toBe(10);
    await settle();
    expect(made).toBe(4);
    reader.close();
  });

  // Red when: closing leaves the source open, or destroys it with another error.
  test("close() and closeWithError() destroy the source, and cause no uncaught exception [NODE-012]", async () => {
    const strays = await stray(async () => {
      const source = new PassThrough();
      const errors = record(source, "error", "close");
      fromReadable(source).close();
      expect(source.destroyed).toBe(true);
      await settle();
      expect(errors).toEqual(["close"]);
      const other = new PassThrough();
      const waiting = fromReadable(other);
      const read = rejection(waiting.read(new Uint8Array(5)));
      waiting.closeWithError(failure);
      expect(other.errored).toBe(failure);
      expect(await read).toMatchObject({ code: "ERR_CLOSED_PIPE", side: "reader" });
    });
    expect(strays).toEqual([]);
  });

  // Red when: the error of the source is wrapped, or the current chunk is lost.
  test("reads reject with the source's error, the same object, after the current chunk [NODE-012]", async () => {
    const source = new PassThrough();
    const reader = fromReadable(source);
    source.write(sequence(1033));
    const into = new Uint8Array(1000);
    expect(await reader.read(into)).toBe(1000);
    source.destroy(failure);
    await settle();
    expect(await reader.read(into)).toBe(33);
    for (let again = 0; again < 2; again++) expect(await rejection(reader.read(into))).toBe(failure);
    const idle = new PassThrough();
    const waiting = fromReadable(idle);
    idle.destroy(failure);
    await waiting.closed;
    expect(await rejection(waiting.read(into))).toBe(failure);
  });

  // Red when: a source destroyed before its end ends cleanly.
  test("a source destroyed before its end is an error, and its own end is null [NODE-012]", async () => {
    const source = new PassThrough();
    const reader = fromReadable(source);
    source.write("x");
    expect(await reader.read(new Uint8Array(5))).toBe(1);
    source.destroy();
    expect(await rejection(reader.read(new Uint8Array(5)))).toMatchObject({
      code: "ERR_STREAM_PREMATURE_CLOSE",
    });
    const ended = new PassThrough();
    ended.resume().end();
    await settle();
    const late = fromReadable(Readable.from([], { objectMode: false }));
    expect(await late.read(new Uint8Array(5))).toBe(null);
    const gone = new PassThrough();
    gone.destroy();
    expect(await rejection(fromReadable(gone).read(new Uint8Array(5)))).toMatchObject({
      code: "ERR_STREAM_PREMATURE_CLOSE",
    });
  });

  // Red when: the end of a source from which nothing is read is not detected; or the listener for it starts the source.
  test("closed resolves at the end of a source from which nothing was read, and not before its bytes are read [NODE-012] [PIPE-009]", async () => {
    const source = new PassThrough();
    const reader = fromReadable(source);
    let [reads, closed] = [0, false];
    void reader.closed?.then(() => (closed = true));
    source.end();
    await settle();
    expect(closed).toBe(true);
    expect(await reader.read(new Uint8Array(1))).toBe(null);

    const full = new Readable({
      read() {
        reads += 1;
      },
    });
    const waiting = fromReadable(full);
    closed = false;
    void waiting.closed?.then(() => (closed = true));
    await settle();
    expect(reads).toBe(0);
    full.push("x");
    full.push(null);
    await settle();
    expect(closed).toBe(false);
    expect(await waiting.read(new Uint8Array(2))).toBe(1);
    await settle();
    expect(closed).toBe(true);
  });

  // Red when: one of the read methods does not pull the source.
  test("every read method pulls: read, tryRead, readChunk and tryReadChunk [NODE-012]", async () => {
    const reader = fromReadable(Readable.from([sequence(2000)], { objectMode: false }));
    const into = new Uint8Array(500);
    expect(reader.tryRead?.(into)).toBe(0);
    await settle();
    expect(reader.tryRead?.(into)).toBe(500);
    const parts = [into.slice(), (await reader.readChunk?.({ maxBytes: 500 })) as Uint8Array];
    parts.push(reader.tryReadChunk?.({ maxBytes: 600 }) as Uint8Array);
    expect(await readFull(reader, into.subarray(0, 400))).toBe(400);
    parts.push(into.slice(0, 400));
    expectSequence(Buffer.concat(parts), 2000);
    await settle();
    expect(reader.tryReadChunk?.()).toBe(null);
    const short = fromReadable(Readable.from([sequence(5)], { objectMode: false }));
    expect(await rejection(readFull(short, new Uint8Array(9)))).toBeInstanceOf(UnexpectedEndError);
  });

  // Red when: an aborted read loses bytes, or a read after it is not served.
  test("an aborted read loses no byte, and later reads are served [NODE-012]", async () => {
    const source = new PassThrough();
    const reader = fromReadable(source);
    const aborter = new AbortController();
    const first = rejection(reader.read(new Uint8Array(5), { signal: aborter.signal }));
    const second = reader.read(new Uint8Array(5));
    aborter.abort(failure);
    expect(await first).toBe(failure);
    source.end(sequence(5));
    expect(await second).toBe(5);
    expect(await reader.read(new Uint8Array(5))).toBe(null);
  });

  // Red when: the source keeps the reading end alive, so that its loss is never detected.
  test("a lost reader destroys its source", async () => {
    const source = new PassThrough();
    const collect = globalThis.gc;
    if (collect === undefined) throw new Error("Cannot collect garbage: run the tests with --expose-gc");
    await (async () => void fromReadable(source).closed)();
    source.write("x");
    for (let round = 0; round < 30 && !source.destroyed; round++) {
      collect();
      await settle(2);
    }
    expect(source.destroyed).toBe(true);
  });
});

describe("fromWritable()", () => {
  // Red when: write() resolves although the sink is full.
  test("write() resolves when the sink has accepted the bytes and its buffer has room [NODE-012]", async () => {
    const calls: Array<() => void> = [];
    const sink = new Writable({
      highWaterMark: 10,
      write: (_chunk, _encoding, done) => void calls.push(done),
    });
    const writer = fromWritable(sink);
    const progress = { bytes: 7 };
    const small = watch(writer.write(sequence(5)));
    const large = watch(writer.write(sequence(5), { progress }));
    await settle();
    expect([small.state, large.state, progress.bytes]).toEqual(["fulfilled", "pending", 5]);
    expect(writer.tryWrite?.(sequence(1))).toBe(0);
    for (let call = calls.shift(); call !== undefined; call = calls.shift()) {
      call();
      await settle();
    }
    expect([large.state, large.value]).toEqual(["fulfilled", 5]);
    expect(writer.tryWrite?.(sequence(3))).toBe(3);
    writer.closeWithError(failure);
  });

  // Red when: a pending write rejects only when the sink has been destroyed.
  test("closeWithError() rejects the write that waits at once, over a sink that takes its time to be destroyed [NODE-012] [PIPE-022]", async () => {
    let destroyed = (): void => {};
    const sink = new Writable({
      highWaterMark: 1,
      write() {},
      destroy: (_error, done) => void (destroyed = () => done(null)),
    });
    const writer = fromWritable(sink);
    const writing = rejection(writer.write(sequence(5)));
    await settle();
    writer.closeWithError(failure);
    expect(await writing).toMatchObject({ code: "ERR_CLOSED_PIPE", side: "writer" });
    destroyed();
  });

  // Red when: an array that is detached while its write waits counts as an empty array.
  test("a write whose array is detached while it waits rejects with a TypeError, and the writer goes on [NODE-012] [PIPE-061]", async () => {
    const calls: Array<() => void> = [];
    const sink = new Writable({
      highWaterMark: 1,
      write: (_chunk, _encoding, done) => void calls.push(done),
    });
    const writer = fromWritable(sink);
    const first = watch(writer.write(sequence(5)));
    const bytes = sequence(8);
    const second = rejection(writer.write(bytes));
    await settle();
    structuredClone(bytes, { transfer: [bytes.buffer] });
    calls.shift()?.();
    expect(await second).toMatchObject({
      name: "TypeError",
      message: "Cannot continue the write: its array was detached or shrunk while it waited",
    });
    expect(first).toMatchObject({ state: "fulfilled", value: 5 });
    expect(writer.tryWrite?.(sequence(3))).toBe(3);
    writer.closeWithError(failure);
  });

  // Red when: tryWrite() ignores the buffer of the sink while no write is pending.
  test("tryWrite() takes nothing while the buffer of the sink is full, and goes on when it drains [NODE-012] [PIPE-010]", async () => {
    const chunks: Buffer[] = [];
    const calls: Array<() => void> = [];
    const sink = new Writable({
      highWaterMark: 10,
      write(chunk: Buffer, _encoding, done) {
        chunks.push(chunk);
        calls.push(done);
      },
    });
    const writer = fromWritable(sink);
    expect(writer.tryWrite?.(sequence(10))).toBe(10);
    expect(writer.tryWrite?.(sequence(1, 10))).toBe(0);
    calls.shift()?.();
    await settle();
    expect(writer.tryWrite?.(sequence(1, 10))).toBe(1);
    expectSequence(Buffer.concat(chunks), 11);
    writer.closeWithError(failure);
  });

  // Red when: close() ends the stream before pending writes, or never.
  test("close() ends the sink after the writes already issued [NODE-012]", async () => {
    const { reader, writer: behind } = pipe();
    const sink = new Writable({
      highWaterMark: 1,
      write: (chunk: Buffer, _encoding, done) => void behind.write(chunk).finally(() => done()),
      final: (done) => {
        behind.close();
        done();
      },
    });
    const writer = fromWritable(sink);
    const writes = [0, 600, 1200].map((at) => writer.write(sequence(600, at)));
    writer.close();
    expect(await rejection(writer.write(sequence(1)))).toMatchObject({
      code: "ERR_CLOSED_PIPE",
      side: "writer",
    });
    expectSequence(await readAll(reader), 1800);
    expect(await Promise.all(writes)).toEqual([600, 600, 600]);
    await settle();
    expect(sink.writableFinished).toBe(true);
  });

  // Red when: the sink's error is wrapped, or rejects only the next write.
  test("writes reject with the sink's error, the same object [NODE-012]", async () => {
    const sink = new Writable({
      highWaterMark: 1,
      write: (_chunk, _encoding, done) => void setImmediate(done, failure),
    });
    const writer = fromWritable(sink);
    const writes = [rejection(writer.write(sequence(5))), rejection(writer.write(sequence(5)))];
    expect(await Promise.all(writes)).toEqual([failure, failure]);
    expect(await rejection(writer.write(sequence(5)))).toBe(failure);
    expect(() => writer.tryWrite?.(sequence(5))).toThrow(failure);
    await writer.closed;
  });

  // Red when: a destroyed sink resolves the write, or causes Node's premature close.
  test("a sink destroyed without an error causes a ClosedPipeError with the number of accepted bytes [NODE-012]", async () => {
    const sink = new Writable({ highWaterMark: 1, write() {} });
    const writer = fromWritable(sink);
    const [first, second] = [rejection(writer.write(sequence(5))), rejection(writer.write(sequence(6)))];
    await settle();
    sink.destroy();
    expect(await first).toMatchObject({ code: "ERR_CLOSED_PIPE", side: "reader", bytesWritten: 5 });
    expect(await second).toMatchObject({ code: "ERR_CLOSED_PIPE", side: "reader", bytesWritten: 0 });
    const ended = new PassThrough();
    const late = fromWritable(ended);
    ended.end();
    expect(await rejection(late.write(sequence(1)))).toMatchObject({ code: "ERR_CLOSED_PIPE" });
  });

  // Red when: closeWithError() leaves the sink open, or its writes hang.
  test("closeWithError() destroys the sink with the error and rejects its writes at once [NODE-012]", async () => {
    const strays = await stray(async () => {
      const sink = new Writable({ highWaterMark: 1, write() {} });
      const writer = fromWritable(sink);
      const waiting = rejection(writer.write(sequence(5)));
      await settle();
      writer.closeWithError(failure);
      writer.close();
      expect(sink.errored).toBe(failure);
      expect(await waiting).toMatchObject({ code: "ERR_CLOSED_PIPE", side: "writer", bytesWritten: 5 });
      expect(await rejection(writer.write(sequence(5)))).toMatchObject({ side: "writer" });
    });
    expect(strays).toEqual([]);
  });
});

// Red when: the watcher of the other side keeps the stream alive.
test("a lost toReadable() closes its pipe", async () => {
  const { reader, writer } = pipe();
  await (async (lost) => void toReadable(lost))(reader);
  const waiting = watch(pipeWithLostReader());
  for (let round = 0; round < 30 && waiting.state === "pending"; round++) {
    globalThis.gc?.();
    await settle(2);
  }
  expect(waiting.reason).toMatchObject({ code: "ERR_ABANDONED_PIPE", side: "reader" });
  writer.close();
});

function pipeWithLostReader(): Promise<number> {
  const { reader, writer } = pipe();
  toReadable(reader);
  return writer.write(sequence(1033));
}

describe("toReadable() over a reader that ends", () => {
  /** A foreign reader with the given number of bytes, which counts its reads. Its `closed` resolves at a call of `end`. */
  function ending(bytes: number) {
    const { promise: closed, resolve } = Promise.withResolvers<void>();
    let [reads, left] = [0, bytes];
    const reader = {
      closed,
      async read(into: Uint8Array): Promise<number | null> {
        reads += 1;
        if (left === 0) return null;
        const count = Math.min(left, into.length);
        left -= count;
        return count;
      },
      close() {},
      closeWithError() {},
    };
    return { reader, end: resolve, reads: () => reads };
  }

  // Red when: an end that the reader reports by `closed` is not passed on, or only to a stream that is reading.
  test("announces an end that comes while nothing is read [NODE-012] [PIPE-009]", async () => {
    const { reader, end, reads } = ending(0);
    const readable = toReadable(reader);
    let announced = 0;
    // Adds a listener that does not start the reading.
    EventEmitter.prototype.on.call(readable, "readable", () => (announced += 1));
    await settle();
    expect([reads(), announced]).toEqual([0, 0]);
    end();
    await settle();
    expect([reads(), announced]).toEqual([1, 1]);
    expect(await readAll(fromReadable(readable))).toHaveLength(0);
  });

  // Red when: a reader whose end has already reached the stream is read again when its `closed` resolves.
  test("calls the reader no more after its end [NODE-012] [PIPE-009]", async () => {
    const { reader, end, reads } = ending(1);
    const readable = toReadable(reader, { autoDestroy: false }); // A destroyed stream would not read in any case.
    const events = record(readable.resume(), "error", "end");
    await settle();
    expect([events, reads()]).toEqual([["end"], 2]);
    end();
    await settle();
    expect([events, reads()]).toEqual([["end"], 2]);
  });
});
