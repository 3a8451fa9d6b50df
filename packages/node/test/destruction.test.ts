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
  ["toWritable() over a writer that forgets its writes", () => toWritable(forgetful())],
  ["pipeDuplex()", () => pipeDuplex()],
  ["duplexPair()", oneOfTwo],
];

/** One end of a pair. The other hears of what becomes of it. */
function oneOfTwo(): Duplex {
  const [one, other] = duplexPair();
  other.on("error", () => {});
  return one;
}

/** Readers that stay: the writes to one that is lost would fail. */
const kept: unknown[] = [];
function heldWriter(): PipeWriter {
  const { reader, writer } = pipe();
  kept.push(reader);
  return writer;
}

/** A writer whose writes settle never, not even when it is closed. */
function forgetful(): ReturnType<typeof plainWriter> {
  return { ...plainWriter(heldWriter()), write: () => new Promise(() => {}) };
}

describe("destroy() during a blocked write", () => {
  // Red when: the write that waits is not called back on destroy(), so that it never is where the writer forgets it.
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

  // Red when: destroy() is overridden by one that closes the ends and does not tell Node.
  test.each(writables)("%s calls corked writes back too [NODE-002]", async (_name, make) => {
    const stream = make();
    const [first, second] = [callback(), callback()];
    stream.cork();
    stream.write(sequence(5), first.call);
    stream.write(sequence(5), second.call);
    stream.destroy();
    await settle();
    expect([first.calls, first.state, second.calls, second.state]).toEqual([1, "rejected", 1, "rejected"]);
  });

  // Red when: end() is left to Node, which forgets the callback after a destroy().
  test.each(writables)(
    "%s calls an end() after it back, with Node's code [NODE-002] [NODE-006]",
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

/** Where a destroy() may be called from, which decides what else comes before its callbacks. */
const from: ReadonlyArray<readonly [string, (destroy: () => void) => void]> = [
  ["an immediate", (destroy) => void setImmediate(destroy)],
  ["a promise", (destroy) => void Promise.resolve().then(destroy)],
  ["a tick", (destroy) => process.nextTick(destroy)],
];

// Red when: the write that waits is left to the writer, which says that it was closed, if it comes before Node's next tick.
test.each(from)(
  "a destroy() out of %s tells the writes that wait the same [NODE-002] [NODE-004]",
  async (_name, run) => {
    const failure = new Error("the original");
    for (const [error, own] of [
      [failure, failure],
      [undefined, expect.objectContaining({ code: "ERR_STREAM_DESTROYED" })],
    ] as const) {
      const writable = toWritable(heldWriter()).on("error", () => {});
      const duplex = pipeDuplex().on("error", () => {});
      const [one, other] = duplexPair();
      one.on("error", () => {}).resume(); // So that it hears of the end of the other way as soon as of that of this one.
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

describe("errors across", () => {
  // Red when: destroy() closes the reader without the error.
  test("toReadable().destroy(error) fails the write that waits, and the next, with the error itself [NODE-003]", async () => {
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

  // Red when: destroy() of the stream closes its writer, or forgets to.
  test("toWritable().destroy() lets the reader have the accepted bytes, then the error [NODE-003]", async () => {
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

  // Red when: a clean end is told where the stream was destroyed after end() with a write still waiting.
  test("toWritable().destroy() after end() is no clean end while a write waits [NODE-003]", async () => {
    const { reader, writer } = pipe();
    const writable = toWritable(writer).on("error", () => {});
    writable.end(sequence(1033));
    await settle();
    writable.destroy();
    expect(await rejection(readAll(reader))).toMatchObject(premature);
  });

  // Red when: the destroyed duplex lets its bytes be read, or its writer's error go by another name.
  test("pipeDuplex().destroy(error) drops its bytes and fails its writes with the error itself [NODE-003]", async () => {
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

  // Red when: the closing of the other side is heard of at the next operation only.
  test("toReadable() and toWritable() learn at once that the other side has failed, also while idle [NODE-003]", async () => {
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

  // Red when: an adapter needs `closed`, or takes its absence for an end.
  test("without `closed`, toReadable() and toWritable() learn that the other side has failed with their next operation [NODE-003]", async () => {
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
  test("toReadable() that has bytes buffered delivers them before the error that follows [NODE-003]", async () => {
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

  // Red when: every value is passed on as it is, and Node takes a falsy one for none.
  test.each(falsy)("a falsy error (%j) arrives as an Error whose cause it is [NODE-003]", async (value) => {
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
    const reason = value === undefined ? 0 : value; // An AbortController takes undefined for no reason.
    three.abort(reason);
    expect(await rejection(finish(duplex))).toMatchObject({ ...carried, cause: reason });
    const source = new PassThrough();
    fromReadable(source).closeWithError(value);
    expect(await rejection(finish(source))).toMatchObject(carried);
    const sink = new PassThrough();
    fromWritable(sink).closeWithError(value);
    expect(await rejection(finish(sink))).toMatchObject(carried);
  });

  // Red when: what a write is rejected with is called back as it is, which Node takes for a success.
  test.each(falsy)(
    "a falsy error (%j) fails the write that waits, and the one after it [NODE-003]",
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

  // Red when: a stream that is destroyed in passing reports a ClosedPipeError or ERR_STREAM_PREMATURE_CLOSE of its own.
  test("pipeline() reports the original error, wherever it comes from [NODE-004]", async () => {
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
    void rejection(three.writer.write(sequence(1_000_000))); // More than one read takes.
    expect(await outcome(toReadable(three.reader), refusing())).toBe(failure);
    expect(await rejection(three.writer.write(sequence(1)))).toBe(failure);
  });

  // Red when: an end without `end` is taken for a success.
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

  // Red when: the write that waits is called back before the stream has told that it has closed.
  test.each(writables)(
    "finished() reports the same for %s while a write waits [NODE-004] [NODE-005]",
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

  // Red when: Node is given the error of the write that waits, and takes it for that of the stream.
  test.each(writables)(
    "%s that is destroyed without an error while writes wait is not errored, then or later [NODE-004]",
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
