import { type Duplex, finished, PassThrough, pipeline, Readable, Writable } from "node:stream";
import { finished as finish } from "node:stream/promises";
import { type PipeWriter, pipe, readAll } from "@pipe512/core";
import { duplexPair, fromReadable, fromWritable, pipeDuplex, toReadable, toWritable } from "@pipe512/node";
import { describe, expect, test } from "vitest";
import { expectSequence, sequence } from "./support/bytes.ts";
import { plainReader, plainWriter, record } from "./support/streams.ts";
import { callback, rejection, settle } from "./support/turns.ts";

const falsy = [undefined, null, 0, false, ""];
const premature = { code: "ERR_STREAM_PREMATURE_CLOSE" };
const closedPipe = { code: "ERR_CLOSED_PIPE" };

const writables: ReadonlyArray<readonly [string, () => Writable]> = [
  ["toWritable()", () => toWritable(heldWriter())],
  ["toWritable() over a writer that never settles its writes", () => toWritable(forgetful())],
  ["pipeDuplex()", () => pipeDuplex()],
  ["duplexPair()", oneOfTwo],
];

/** One end of a pair. The other end is kept, and its errors are ignored. */
function oneOfTwo(): Duplex {
  const [one, other] = duplexPair();
  other.on("error", () => {});
  return one;
}

/** Keeps readers alive: writes to a lost reader would fail. */
const kept: unknown[] = [];
function heldWriter(): PipeWriter {
  const { reader, writer } = pipe();
  kept.push(reader);
  return writer;
}

/** A writer whose writes never settle, not even at a close. */
function forgetful(): ReturnType<typeof plainWriter> {
  return { ...plainWriter(heldWriter()), write: () => new Promise(() => {}) };
}

describe("destroy() during a blocked write", () => {
  // Red when: the callback of the pending write is not called by destroy(), if the writer never settles the write.
  test.each(writables)(
    "%s calls every write and end back exactly once, with an error [NODE-002]",
    async (_name, make) => {
      for (const error of [undefined, new Error("the disk is full")]) {
        const stream = make().on("error", () => {});
        const calls = [1033, 10, 0, 5].map((size) => {
          const told = callback();
          stream.write(sequence(size), told.call);
          return told;
        });
        const ended = callback();
        stream.end(ended.call);
        await settle();
        expect(calls.at(-1)?.state).toBe("pending");
        stream.destroy(error);
        await settle();
        for (const told of [...calls, ended]) expect([told.calls, told.state]).toEqual([1, "rejected"]);
        for (const told of [...calls, ended]) expect(told.reason).toBeInstanceOf(Error);
      }
    },
  );

  // Red when: an overridden destroy() closes the ends without Node's own destroy().
  test.each(writables)("%s also calls corked writes back [NODE-002]", async (_name, make) => {
    const stream = make();
    const [first, second] = [callback(), callback()];
    stream.cork();
    stream.write(sequence(5), first.call);
    stream.write(sequence(5), second.call);
    stream.destroy();
    await settle();
    expect([first.calls, first.state, second.calls, second.state]).toEqual([1, "rejected", 1, "rejected"]);
  });

  // Red when: end() is left to Node, which drops the callback after a destroy().
  test.each(writables)(
    "%s calls a later end() back, with Node's code [NODE-002] [NODE-006]",
    async (_name, make) => {
      const stream = make().on("error", () => {});
      stream.destroy();
      const [ended, again] = [callback(), callback()];
      stream.end(ended.call);
      stream.end(sequence(3), again.call);
      await settle();
      expect([ended.calls, again.calls]).toEqual([1, 1]);
      expect(ended.reason).toMatchObject({ code: "ERR_STREAM_DESTROYED" });
    },
  );
});

/** The places to call destroy() from. They decide which events come before its callbacks. */
const from: ReadonlyArray<readonly [string, (destroy: () => void) => void]> = [
  ["an immediate", (destroy) => void setImmediate(destroy)],
  ["a promise", (destroy) => void Promise.resolve().then(destroy)],
  ["a tick", (destroy) => process.nextTick(destroy)],
];

// Red when: the writer settles the pending write, with its own error, before Node's next tick.
test.each(from)(
  "a destroy() from %s calls pending writes back with the same error [NODE-002] [NODE-004]",
  async (_name, run) => {
    const failure = new Error("the original");
    for (const [error, own] of [
      [failure, failure],
      [undefined, expect.objectContaining({ code: "ERR_STREAM_DESTROYED" })],
    ] as const) {
      const writable = toWritable(heldWriter()).on("error", () => {});
      const duplex = pipeDuplex().on("error", () => {});
      const [one, other] = duplexPair();
      one.on("error", () => {}).resume(); // So that it gets the ends of both ways at the same time.
      const told = [writable, duplex, one].map((stream) => {
        const call = callback();
        stream.write(sequence(1033), call.call);
        return call;
      });
      await settle();
      for (const stream of [writable, duplex, other.on("error", () => {})])
        run(() => void stream.destroy(error));
      await settle();
      const closed = expect.objectContaining({ ...closedPipe, side: "reader" });
      expect(told.map(({ reason }) => reason)).toEqual([own, error ?? closed, error ?? closed]);
    }
  },
);

describe("errors and the other side", () => {
  // Red when: destroy() closes the reader without the error.
  test("toReadable().destroy(error) fails the pending write, and the next, with the error itself [NODE-003]", async () => {
    const { reader, writer } = pipe();
    const failure = new Error("the consumer broke");
    const waiting = rejection(writer.write(sequence(1033)));
    toReadable(reader)
      .on("error", () => {})
      .destroy(failure);
    expect(await waiting).toBe(failure);
    expect(await rejection(writer.write(sequence(1)))).toBe(failure);
  });

  // Red when: destroy() without an error leaves the reader open.
  test("toReadable().destroy() fails writes with ClosedPipeError, and emits no error [NODE-003]", async () => {
    const { reader, writer } = pipe();
    const waiting = rejection(writer.write(sequence(1033)));
    const readable = toReadable(reader);
    const errors = record(readable, "error");
    readable.resume().destroy();
    expect(await waiting).toMatchObject({ ...closedPipe, side: "reader" });
    await settle();
    expect(errors).toEqual([]);
  });

  // Red when: destroy() closes the writer cleanly, or not at all.
  test("toWritable().destroy() delivers the accepted bytes to the reader, then the error [NODE-003]", async () => {
    const failure = new Error("the producer broke");
    for (const [error, expected] of [
      [failure, failure],
      [undefined, expect.objectContaining(premature)],
    ] as const) {
      const { reader, writer } = pipe();
      const writable = toWritable(writer).on("error", () => {});
      writable.write(sequence(1033));
      await settle();
      writable.destroy(error);
      const into = new Uint8Array(2000);
      expect(await reader.read(into)).toBe(512);
      expectSequence(into.subarray(0, 512), 512);
      expect(await rejection(reader.read(into))).toEqual(expected);
    }
  });

  // Red when: the reader gets a clean end although the stream was destroyed after end() with a pending write.
  test("toWritable().destroy() after end() is not a clean end while a write is pending [NODE-003]", async () => {
    const { reader, writer } = pipe();
    const writable = toWritable(writer).on("error", () => {});
    writable.end(sequence(1033));
    await settle();
    writable.destroy();
    expect(await rejection(readAll(reader))).toMatchObject(premature);
  });

  // Red when: the destroyed duplex delivers its bytes, or replaces the error.
  test("pipeDuplex().destroy(error) discards its bytes and fails its writes with the error itself [NODE-003]", async () => {
    const failure = new Error("enough");
    const duplex = pipeDuplex().on("error", () => {});
    const told = callback();
    duplex.write(sequence(1033), told.call);
    await settle();
    duplex.destroy(failure);
    await settle();
    expect(told.reason).toBe(failure);
    expect(duplex.read()).toBe(null);
  });

  // Red when: the stream is ended instead of destroyed when the reader fails.
  test("toReadable() fails with the reader's error itself, after the accepted bytes [NODE-003] [NODE-004]", async () => {
    const { reader, writer } = pipe();
    const failure = new Error("the source broke");
    await writer.write(sequence(511));
    writer.closeWithError(failure);
    const parts: Buffer[] = [];
    const readable = toReadable(reader).on("data", (chunk: Buffer) => parts.push(chunk));
    expect(await rejection(finish(readable))).toBe(failure);
    expectSequence(Buffer.concat(parts), 511);
  });

  // Red when: the closing of the other side is detected only at the next operation.
  test("toReadable() and toWritable() fail at once when the other side has failed, even while idle [NODE-003]", async () => {
    const failure = new Error("gone");
    const one = pipe();
    const readable = toReadable(one.reader);
    const reading = rejection(finish(readable));
    one.writer.closeWithError(failure);
    expect(await reading).toBe(failure);
    const other = pipe();
    const writing = rejection(finish(toWritable(other.writer)));
    other.reader.closeWithError(failure);
    expect(await writing).toBe(failure);
    const third = pipe();
    const closing = rejection(finish(toWritable(third.writer)));
    third.reader.close();
    expect(await closing).toMatchObject({ ...closedPipe, side: "reader" });
  });

  // Red when: an adapter requires `closed`, or treats its absence as an end.
  test("without `closed`, toReadable() and toWritable() fail at their next operation after the other side has failed [NODE-003]", async () => {
    const failure = new Error("gone");
    const one = pipe();
    const readable = toReadable(plainReader(one.reader));
    one.writer.closeWithError(failure);
    const other = pipe();
    const writable = toWritable(plainWriter(other.writer));
    other.reader.closeWithError(failure);
    await settle();
    expect([readable.destroyed, writable.destroyed]).toEqual([false, false]);
    readable.resume();
    const told = callback();
    writable.write("x", told.call);
    expect(await Promise.all([rejection(finish(readable)), rejection(finish(writable))])).toEqual([
      failure,
      failure,
    ]);
    expect(told.reason).toBe(failure);
  });

  // Red when: a failure of the reader destroys the stream although a chunk of it was not consumed.
  test("toReadable() delivers its buffered bytes before a later error [NODE-003]", async () => {
    const { reader, writer } = pipe();
    const failure = new Error("gone");
    const readable = toReadable(reader);
    await writer.write(sequence(100));
    readable.on("readable", () => {});
    await settle();
    writer.closeWithError(failure);
    await settle();
    expect(readable.destroyed).toBe(false);
    expectSequence(readable.read() as Buffer, 100);
    expect(readable.read()).toBe(null);
    expect(await rejection(finish(readable))).toBe(failure);
  });

  // Red when: every value is passed on unchanged, and Node treats a falsy one as no error.
  test.each(falsy)("a falsy error (%j) arrives as the cause of an Error [NODE-003]", async (value) => {
    const carried = { code: "ERR_FALSY_ERROR", cause: value };
    const one = pipe();
    const readable = toReadable(one.reader).resume();
    one.writer.closeWithError(value);
    expect(await rejection(finish(readable))).toMatchObject(carried);
    const two = pipe();
    const writable = toWritable(two.writer);
    two.reader.closeWithError(value);
    expect(await rejection(finish(writable))).toMatchObject(carried);
    const three = new AbortController();
    const duplex = pipeDuplex({ signal: three.signal });
    const reason = value === undefined ? 0 : value; // An AbortController treats undefined as no reason.
    three.abort(reason);
    expect(await rejection(finish(duplex))).toMatchObject({ ...carried, cause: reason });
    const source = new PassThrough();
    fromReadable(source).closeWithError(value);
    expect(await rejection(finish(source))).toMatchObject(carried);
    const sink = new PassThrough();
    fromWritable(sink).closeWithError(value);
    expect(await rejection(finish(sink))).toMatchObject(carried);
  });

  // Red when: the error of a write is called back unchanged, which Node treats as a success.
  test.each(falsy)(
    "a falsy error (%j) fails the pending write, and the one after it [NODE-003]",
    async (value) => {
      const carried = { code: "ERR_FALSY_ERROR", cause: value };
      for (const size of [1033, 1]) {
        const { reader, writer } = pipe();
        const writable = toWritable(writer).on("error", () => {});
        const told = callback();
        if (size > 512) writable.write(sequence(size), told.call);
        reader.closeWithError(value);
        if (size <= 512) writable.write(sequence(size), told.call);
        await settle();
        expect([told.calls, told.reason]).toEqual([1, expect.objectContaining(carried)]);
      }
    },
  );
});

describe("pipeline() and finished()", () => {
  const failure = new Error("the original");
  const endless = (): Readable =>
    new Readable({
      read() {
        this.push(sequence(1000));
      },
    });
  const failing = (): Readable =>
    new Readable({
      read() {
        this.destroy(failure);
      },
    });
  const refusing = (): Writable => new Writable({ write: (_chunk, _encoding, done) => done(failure) });
  const outcome = (...streams: ReadonlyArray<Readable | Writable | Duplex>): Promise<unknown> =>
    new Promise((resolve) => pipeline(streams as never, resolve as never));

  // Red when: a stream in the middle reports its own ClosedPipeError or ERR_STREAM_PREMATURE_CLOSE.
  test("pipeline() reports the original error of any stream [NODE-004]", async () => {
    const one = pipe();
    one.writer.closeWithError(failure);
    expect(await outcome(toReadable(one.reader), new PassThrough().resume())).toBe(failure);
    const two = pipe();
    void two.reader.read(new Uint8Array(10)).then(() => two.reader.closeWithError(failure));
    expect(await outcome(endless(), toWritable(two.writer))).toBe(failure);
    expect(await outcome(endless(), pipeDuplex(), refusing())).toBe(failure);
    expect(await outcome(failing(), pipeDuplex(), new PassThrough().resume())).toBe(failure);
    expect(await outcome(endless(), pipeDuplex(), pipeDuplex(), refusing())).toBe(failure);
    const three = pipe();
    void rejection(three.writer.write(sequence(1_000_000))); // More than one read returns.
    expect(await outcome(toReadable(three.reader), refusing())).toBe(failure);
    expect(await rejection(three.writer.write(sequence(1)))).toBe(failure);
  });

  // Red when: a close without `end` counts as a success.
  test("finished() reports ERR_STREAM_PREMATURE_CLOSE for a stream destroyed without an error [NODE-004]", async () => {
    const { reader, writer } = pipe();
    for (const stream of [toReadable(pipe().reader), toWritable(writer), pipeDuplex(), oneOfTwo()]) {
      const told = callback();
      finished(stream, told.call);
      stream.destroy();
      await settle();
      expect(told.reason).toMatchObject(premature);
    }
    reader.close();
  });

  // Red when: the pending write is called back before the stream has emitted `close`.
  test.each(writables)(
    "finished() reports the same for %s with a pending write [NODE-004] [NODE-005]",
    async (_name, make) => {
      for (const [, run] of from) {
        const stream = make();
        const [told, write] = [callback(), callback()];
        finished(stream, told.call);
        stream.write(sequence(1033), write.call);
        await settle();
        run(() => void stream.destroy());
        await settle();
        expect([told.calls, told.reason]).toEqual([1, expect.objectContaining(premature)]);
        expect([write.calls, write.state]).toEqual([1, "rejected"]);
      }
    },
  );

  // Red when: Node gets the error of the pending write, and makes it the error of the stream.
  test.each(writables)(
    "%s that is destroyed without an error while writes are pending is never errored [NODE-004]",
    async (_name, make) => {
      const stream = make();
      const errors = record(stream, "error");
      const calls = [callback(), callback()];
      for (const { call } of calls) stream.write(sequence(1033), call);
      await settle();
      stream.destroy();
      await settle();
      expect([stream.errored, errors, calls.map(({ state }) => state)]).toEqual([
        null,
        [],
        ["rejected", "rejected"],
      ]);
      const told = callback();
      finished(stream, told.call);
      await settle();
      expect(told.reason).toMatchObject(premature);
    },
  );
});

// Red when: the error of a write that has no callback is kept for the next callback, of whatever stream.
test("destroy() while a write without a callback waits leaves the callbacks of other streams alone [NODE-002]", async () => {
  const lost = toWritable(pipe().writer);
  lost.write(sequence(1033));
  lost.destroy();
  await settle();
  const other = toWritable(pipe().writer);
  const error = await new Promise((resolve) => other.write(sequence(1), resolve));
  expect(error ?? undefined).toBe(undefined);
});
