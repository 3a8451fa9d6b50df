import {
  type PipeWriter,
  type ProducerContext,
  readAll,
  readerFrom,
  readText,
  writerTo,
  writeText,
} from "@pipe512/core";
import { expectWhole, sequence } from "@pipe512/testing/bytes";
import { rejection, watch } from "@pipe512/testing/promises";
import { pending, settle } from "@pipe512/testing/turns";
import { unhandled } from "@pipe512/testing/unhandled";
import { describe, expect, test } from "vitest";

/** Yields `sequence(513)` in two pieces, and logs its progress. */
function pieces(log: string[]): () => Generator<Uint8Array | string> {
  return function* () {
    try {
      log.push("first");
      yield sequence(300);
      log.push("second");
      yield sequence(733, 300);
      log.push("third");
      yield "";
    } finally {
      log.push("left");
    }
  };
}

const asynchronous = (log: string[]): (() => AsyncGenerator<Uint8Array | string>) =>
  async function* () {
    yield* pieces(log)();
  };

describe("generators as producers", () => {
  // Red when: a generator function is called, but the code of its generator does not run.
  test.for([
    ["a generator function", pieces],
    ["an async generator function", asynchronous],
    [
      "a function that returns an async iterable",
      (log: string[]) => () => ({ [Symbol.asyncIterator]: asynchronous(log) }),
    ],
  ] as const)(
    "readerFrom() writes the items of %s, each when the one before is accepted [PIPE-066]",
    async ([, make]) => {
      const log: string[] = [];
      const reader = readerFrom(make(log));
      await settle();
      expect(log).toEqual(["first", "second"]); // There is no room for the second piece yet.
      expectWhole(await readAll(reader), 1033);
      await reader.done;
      expect(log).toEqual(["first", "second", "third", "left"]);
    },
  );

  // Red when: the generator is not closed; or return() is called before the write has failed for some kinds of generators.
  test.for([
    ["a generator function", pieces],
    ["an async generator function", asynchronous],
  ] as const)("readerFrom() calls return() of %s when the reader closes [PIPE-066]", async ([, make]) => {
    const log: string[] = [];
    const reader = readerFrom(make(log));
    await settle();
    reader.close();
    await reader.done;
    expect(log).toEqual(["first", "second", "left"]);
  });

  // Red when: return() waits for next(), or is called twice.
  test("readerFrom() calls return() of an iterator that waits, once, as soon as the reader closes [PIPE-066]", async () => {
    let returned = 0;
    let end: (step: IteratorResult<never, undefined>) => void = () => {};
    const iterator: AsyncIterableIterator<Uint8Array> = {
      [Symbol.asyncIterator]: () => iterator,
      next: () => new Promise((resolve) => (end = resolve)),
      return: async () => {
        returned += 1;
        end({ done: true, value: undefined });
        return { done: true, value: undefined };
      },
    };
    const reader = readerFrom(() => iterator);
    await settle();
    reader.close();
    await reader.done;
    expect(returned).toBe(1);
  });

  // Red when: such an item is written as text or skipped, or the generator continues.
  test.for([[5], [null], [["x"]], [Object.create(null) as object]])(
    "readerFrom() gives the reader a TypeError for an item %o, after the items before it [PIPE-066]",
    async ([item]) => {
      let isLeft = false;
      const reader = readerFrom(function* () {
        try {
          yield "before";
          yield item;
        } finally {
          isLeft = true;
        }
      });
      const into = new Uint8Array(99);
      expect(await reader.read(into)).toBe(6);
      expect(await rejection(reader.read(into))).toMatchObject({ name: "TypeError" });
      await reader.done;
      expect(isLeft).toBe(true);
    },
  );

  // Red when: the result of a callback's promise is ignored although it is a stream.
  test("readerFrom() fails where a promise resolves with something that has the bytes, and takes other results for nothing [PIPE-066]", async () => {
    for (const make of [async () => pieces([])(), async () => readerFrom(() => {}), () => "x", () => ["x"]]) {
      expect(await rejection(readText(readerFrom(make)))).toMatchObject({
        name: "TypeError",
        message: expect.stringMatching(/^Cannot produce from .* that produce returned: write it/),
      });
    }
    expect(await rejection(readText(readerFrom(() => "x")))).toHaveProperty(
      "message",
      "Cannot produce from a string that produce returned: write it to the writer, or use a generator",
    );
    for (const make of [() => [], async () => [1], (writer: PipeWriter) => writer.write(sequence(0))]) {
      expect(await readText(readerFrom(make))).toBe("");
    }
  });
});

describe("the end of a producer", () => {
  // Red when: `done` resolves when the reader closes.
  test("readerFrom() has done, which resolves when the producer has finished [PIPE-066]", async () => {
    let close: () => void = () => {};
    const closing = new Promise<void>((resolve) => (close = resolve));
    const reader = readerFrom(async (writer) => {
      try {
        for (;;) await writer.write(sequence(100));
      } finally {
        await closing;
      }
    });
    await reader.read(new Uint8Array(5));
    reader.close();
    expect(await pending(reader.done)).toBe(true);
    close();
    await reader.done;
  });

  // Red when: `done` rejects with the error of the reader's close, or hides the producer's own error because it resembles that close.
  test("done rejects with an error that the reader did not get, and with no echo of the close [PIPE-066] [PIPE-034]", async () => {
    const failure = new Error("disk");
    const after = (finish: (error: unknown, context: ProducerContext) => unknown) =>
      readerFrom(async (writer, context) => {
        try {
          for (;;) await writer.write(sequence(1000));
        } catch (error) {
          await finish(error, context);
        }
      });
    const raise = (error: unknown): never => {
      throw error;
    };
    const own = new Error("wanted no more");
    const outcomes = [
      [after((error) => raise(error)), undefined],
      [after((error) => raise(new Error("upload", { cause: error }))), undefined],
      [
        after((_, { signal }) => settle().then(() => raise((signal as { reason?: unknown }).reason))),
        undefined,
      ],
      [
        after(() => settle().then(() => raise(Object.assign(new Error("aborted"), { name: "AbortError" })))),
        undefined,
      ],
      [after(() => raise(failure)), failure],
      [after(() => {}), undefined],
    ] as const;
    await settle();
    for (const [reader, expected] of outcomes) {
      reader.close();
      const done = watch(reader.done);
      await settle(40);
      expect([done.state, done.reason]).toEqual([
        expected === undefined ? "fulfilled" : "rejected",
        expected,
      ]);
    }
    const failed = after((error) => raise(error));
    failed.closeWithError(own);
    await failed.done;
    const told = readerFrom(() => raise(failure));
    await told.done; // The reader receives the error.
    expect(await rejection(readText(told))).toBe(failure);
  });

  // Red when: `done` is always marked as handled; an error that the reader received is unhandled as well; or an early close ends the process.
  test("an error that no operation received stays unhandled, unless the reader closed before [PIPE-066] [PIPE-034]", async () => {
    const failure = new Error("disk");
    const reasons = await unhandled(async () => {
      readerFrom((writer) => {
        writer.close();
        throw failure;
      });
      readerFrom(() => Promise.reject(new Error("told")));
      readerFrom((writer) => writer.write(sequence(1033))).close();
      const stopped = readerFrom((writer) =>
        writer.write(sequence(1033)).catch(() => {
          throw new Error("the response was cut off");
        }),
      );
      stopped.close();
    });
    expect(reasons).toEqual([failure]);
  });
});

describe("signal and name", () => {
  // Red when: the options are ignored.
  test("readerFrom(produce, { signal, name }) stops the producer and fails the reader with the reason [PIPE-066]", async () => {
    const aborting = new AbortController();
    let given: AbortSignal | undefined;
    const reader = readerFrom(
      async (writer, { signal }) => {
        given = signal;
        for (;;) await writer.write(sequence(100));
      },
      { signal: aborting.signal, name: "upload" },
    );
    await settle();
    aborting.abort("enough");
    await reader.done;
    expect(given).toMatchObject({ aborted: true, reason: "enough" });
    expect(await rejection(readText(reader))).toBe("enough");
    let started = false;
    const born = readerFrom(() => (started = true), { signal: AbortSignal.abort("never") });
    await born.done;
    expect(started).toBe(false);
    expect(await rejection(readText(born))).toBe("never");
    const named = readerFrom(() => new Promise(() => {}), { name: "upload" });
    named.close();
    expect(await rejection(named.read(new Uint8Array(1)))).toMatchObject({
      message: expect.stringContaining('"upload"'),
    });
    expect(() => readerFrom(() => {}, { signal: 5 as never })).toThrow(
      "signal must be an AbortSignal; got 5",
    );
  });

  // Red when: the options are ignored; or the consumer runs although the pipe has failed already.
  test("writerTo(consume, { signal, name }) fails both sides with the reason [PIPE-066]", async () => {
    const aborting = new AbortController();
    const { writer, result } = writerTo((reader) => readText(reader), {
      signal: aborting.signal,
      name: "log",
    });
    const reason = rejection(result);
    await writeText(writer, "x");
    aborting.abort("enough");
    expect(await reason).toBe("enough");
    expect(await rejection(writeText(writer, "y"))).toMatchObject({
      message: expect.stringContaining('"log"'),
    });
    let started = false;
    const born = writerTo(() => (started = true), { signal: AbortSignal.abort("never") });
    expect(await rejection(born.result)).toBe("never");
    expect(started).toBe(false);
  });
});

describe("finish()", () => {
  // Red when: finish() resolves at the close; or `result` stays unhandled although finish() rejected with its error.
  test("writerTo() has finish(), which closes and waits for the consumer [PIPE-016]", async () => {
    let end: () => void = () => {};
    const ended = new Promise<void>((resolve) => (end = resolve));
    const { writer, result } = writerTo(async (reader) => {
      const text = await readText(reader);
      await ended;
      return text;
    });
    await writeText(writer, "hello");
    const finishing = watch(writer.finish());
    await settle();
    expect(finishing.state).toBe("pending");
    end();
    expect(await result).toBe("hello");
    await settle();
    expect(finishing).toMatchObject({ state: "fulfilled", value: undefined });
    await writer.finish();
  });

  // Red when: an error of the consumer reaches no call; or the abort waits for the consumer.
  test("finish() rejects with the consumer's own error, and with the reason of its signal [PIPE-016] [PIPE-017]", async () => {
    const failure = new Error("disk");
    const reasons = await unhandled(async () => {
      const failing = writerTo(async (reader) => {
        await reader.read(new Uint8Array(9));
        throw failure;
      });
      await writeText(failing.writer, "x");
      expect(await rejection(failing.writer.finish())).toBe(failure);
    });
    expect(reasons).toEqual([]);
    const { writer } = writerTo(() => new Promise(() => {}));
    const aborting = new AbortController();
    const finishing = rejection(writer.finish({ signal: aborting.signal }));
    aborting.abort("late");
    expect(await finishing).toBe("late");
    expect(await rejection(writer.write(sequence(1)))).toMatchObject({
      code: "ERR_CLOSED_PIPE",
      side: "writer",
    });
    expect(await rejection(writer.finish({ signal: AbortSignal.abort("now") }))).toBe("now");
    expect(await rejection(writer.finish({ signal: "x" as never }))).toBeInstanceOf(TypeError);
  });
});
