import { readAll, readerFrom, readText, writerTo, writeText } from "@pipe512/core";
import { expectSequence, sequence } from "@pipe512/testing/bytes";
import { rejection, watch } from "@pipe512/testing/promises";
import { settle } from "@pipe512/testing/turns";
import { unhandled } from "@pipe512/testing/unhandled";
import { describe, expect, test } from "vitest";
import { cut } from "./plain-ends.ts";

describe("a generator as a producer", () => {
  // Red when: a generator that a producer returns is not run.
  test("readerFrom() writes what a generator function yields, sync or async [PIPE-066]", async () => {
    const text = readerFrom(async function* () {
      yield "hello, ";
      await Promise.resolve();
      yield new TextEncoder().encode("world");
    });
    expect(await readText(text)).toBe("hello, world");
    const bytes = readerFrom(function* () {
      yield* cut(sequence(1033), 511);
    });
    expectSequence(await readAll(bytes));
  });

  // Red when: the generator runs ahead of what the pipe has accepted.
  test("readerFrom() resumes a generator when what it yielded was accepted [PIPE-066]", async () => {
    let yielded = 0;
    const reader = readerFrom(function* () {
      for (; yielded < 100; yielded += 1) yield new Uint8Array(100);
    });
    await settle();
    expect(yielded).toBe(5); // The sixth chunk waits for room.
    reader.close();
    await reader.done;
  });

  // Red when: the generator is not left, or done does not wait for it.
  test("readerFrom() leaves a generator when the reader closes, and done waits for its finally [PIPE-066]", async () => {
    const log: string[] = [];
    let cleanUp = (): void => {};
    const reader = readerFrom(async function* () {
      try {
        for (;;) yield "x".repeat(100);
      } finally {
        log.push("closing");
        await new Promise<void>((resolve) => {
          cleanUp = resolve;
        });
        log.push("closed");
      }
    });
    for await (const _ of reader) break;
    const done = watch(reader.done);
    await settle();
    expect(log).toEqual(["closing"]);
    expect(done.state).toBe("pending");
    cleanUp();
    await settle();
    expect(log).toEqual(["closing", "closed"]);
    expect(done.state).toBe("fulfilled");
  });

  // Red when: an iterator that waits is left only when it goes on.
  test("readerFrom() calls return() of an iterator that waits as soon as the reader closes [PIPE-066]", async () => {
    let returned = 0;
    const iterator = {
      next: () => new Promise<IteratorResult<string>>(() => {}),
      return: async () => {
        returned += 1;
        return { done: true as const, value: undefined };
      },
      [Symbol.asyncIterator]: () => iterator,
    };
    const reader = readerFrom(() => iterator);
    await settle();
    reader.close();
    await settle();
    expect(returned).toBe(1);
  });

  // Red when: an item is written as it is, or only the first error counts.
  test.for([[5], [null], [{}], [["a"]]])(
    "readerFrom() gives the reader a TypeError for an item %o, after what came before [PIPE-066]",
    async ([item]) => {
      const reader = readerFrom(function* () {
        yield "ab";
        yield item;
      });
      const into = new Uint8Array(10);
      expect(await reader.read(into)).toBe(2);
      const error = await rejection(reader.read(into));
      expect(error).toBeInstanceOf(TypeError);
      expect(String(error)).toContain("must yield Uint8Array or strings");
    },
  );
});

describe("done", () => {
  // Red when: done settles with the reader, and not with the producer.
  test("readerFrom().done resolves when the producer has finished, also where the reader was told of its error [PIPE-066]", async () => {
    let finish = (): void => {};
    const ends = readerFrom(
      () =>
        new Promise<void>((resolve) => {
          finish = resolve;
        }),
    );
    const done = watch(ends.done);
    ends.close();
    await settle();
    expect(done.state).toBe("pending");
    finish();
    await settle();
    expect(done.state).toBe("fulfilled");
    const error = new Error("disk");
    const fails = readerFrom(() => Promise.reject(error));
    expect(await rejection(readAll(fails))).toBe(error);
    expect(await fails.done).toBe(undefined);
  });

  // Red when: an error that nobody else hears is swallowed.
  test("readerFrom().done rejects with the producer's error where the reader had closed [PIPE-066]", async () => {
    const error = new Error("the clean-up failed");
    const producers = [
      async (writer: { write(bytes: Uint8Array): Promise<number> }) => {
        try {
          await writer.write(sequence(1033));
        } finally {
          await Promise.reject(error);
        }
      },
      async function* () {
        try {
          for (;;) yield "x".repeat(1033);
        } finally {
          await Promise.reject(error);
        }
      },
      function* () {
        try {
          for (;;) yield "x".repeat(1033);
        } finally {
          throw error; // oxlint-disable-line no-unsafe-finally -- That is the case.
        }
      },
    ];
    for (const produce of producers) {
      const reader = readerFrom(produce);
      reader.close();
      expect(await rejection(reader.done)).toBe(error);
    }
  });

  // Red when: an error that the close itself has caused is taken for one of the producer.
  test("readerFrom().done resolves where the producer only fails of the close [PIPE-066]", async () => {
    const why = new Error("enough");
    const reasons = await unhandled(async () => {
      const producers = [
        async (writer: { write(bytes: Uint8Array): Promise<number> }) => writer.write(sequence(1033)),
        async (writer: { write(bytes: Uint8Array): Promise<number> }) => {
          await writer.write(sequence(1033)).catch((cause: unknown) => {
            throw new Error("Cannot upload", { cause });
          });
        },
        async (_: unknown, { signal }: { signal: AbortSignal }) =>
          new Promise((_resolve, reject) => {
            signal.addEventListener("abort", () => reject(signal.reason));
          }),
      ];
      for (const produce of producers) {
        for (const close of ["close", "closeWithError"] as const) {
          const reader = readerFrom(produce);
          await settle();
          reader[close](why);
          expect(await reader.done).toBe(undefined);
        }
      }
    });
    expect(reasons).toEqual([]);
  });
});

describe("the caller's signal", () => {
  // Red when: readerFrom() ignores the signal, or hands it to the pipe alone.
  test("readerFrom({ signal }) fails the reader and aborts the producer's signal with the reason [PIPE-066]", async () => {
    const stop = new AbortController();
    const why = new Error("the user left");
    let given: AbortSignal | undefined;
    const reader = readerFrom(
      (writer, { signal }) => {
        given = signal;
        void writer.write(sequence(300));
        return new Promise<void>((resolve) => {
          signal.addEventListener("abort", () => resolve());
        });
      },
      { signal: stop.signal, name: "upload" },
    );
    const read = watch(readAll(reader));
    const into = readerFrom(() => new Promise(() => {}), { signal: stop.signal });
    const waiting = watch(into.read(new Uint8Array(1)));
    await settle();
    stop.abort(why);
    await settle();
    expect(given?.reason).toBe(why);
    expect(waiting.reason).toBe(why);
    expect(read.reason).toBe(why);
    await reader.done;
  });

  // Red when: a producer runs although its result can reach nobody.
  test("readerFrom({ signal }) with an aborted signal runs no producer, and the reads reject with the reason [PIPE-066]", async () => {
    const why = new Error("too late");
    let runs = 0;
    const reader = readerFrom(() => (runs += 1), { signal: AbortSignal.abort(why) });
    expect(await rejection(readAll(reader))).toBe(why);
    await reader.done;
    expect(runs).toBe(0);
  });

  // Red when: the name does not reach the pipe.
  test("readerFrom({ name }) and writerTo({ name }) name their pipe [PIPE-066]", async () => {
    const reader = readerFrom(() => {}, { name: "upload" });
    reader.close();
    expect(String(await rejection(reader.read(new Uint8Array(1))))).toContain("upload");
    const { writer, result } = writerTo(() => {}, { name: "download" });
    await result;
    expect(String(await rejection(writer.write(new Uint8Array(1))))).toContain("download");
  });

  // Red when: options are not looked at.
  test.for([[{ signal: 5 }], [{ name: 5 }]])(
    "readerFrom() and writerTo() throw for %o [PIPE-066]",
    ([options]) => {
      expect(() => readerFrom(() => {}, options as never)).toThrow(TypeError);
      expect(() => writerTo(() => {}, options as never)).toThrow(TypeError);
    },
  );
});

describe("finish", () => {
  // Red when: finish() resolves with the close.
  test("writerTo().writer.finish() closes, and resolves once the consumer has returned [PIPE-016]", async () => {
    let consumed = (): void => {};
    const { writer, result } = writerTo(async (reader) => {
      const text = await readText(reader);
      await new Promise<void>((resolve) => {
        consumed = resolve;
      });
      return text;
    });
    await writeText(writer, "hello");
    const finished = watch(writer.finish());
    await settle();
    expect(finished.state).toBe("pending");
    consumed();
    await settle();
    expect(finished.state).toBe("fulfilled");
    expect(await result).toBe("hello");
  });

  // Red when: finish() resolves whatever becomes of the consumer, or leaves a second rejection unhandled.
  test("writerTo().writer.finish() rejects with the consumer's own error, and nothing stays unhandled [PIPE-016] [PIPE-017]", async () => {
    const error = new Error("disk");
    const reasons = await unhandled(async () => {
      const { writer } = writerTo(async (reader) => {
        await readAll(reader);
        throw error;
      });
      expect(await rejection(writer.finish())).toBe(error);
    });
    expect(reasons).toEqual([]);
  });

  // Red when: nobody is told of a consumer that fails after the close.
  test("writerTo() leaves a consumer's error unhandled where no call can report it [PIPE-017]", async () => {
    const error = new Error("disk");
    const reasons = await unhandled(async () => {
      const { writer } = writerTo(async (reader) => {
        await readAll(reader);
        throw error;
      });
      writer.close();
    });
    expect(reasons).toEqual([error]);
  });

  // Red when: an abort is not looked at, or takes the close back.
  test("writerTo().writer.finish({ signal }) rejects with the reason once aborted, and the close stands [PIPE-016]", async () => {
    const stop = new AbortController();
    const why = new Error("too long");
    let end = (): void => {};
    const { writer } = writerTo(
      () =>
        new Promise<void>((resolve) => {
          end = resolve;
        }),
    );
    const finished = watch(writer.finish({ signal: stop.signal }));
    stop.abort(why);
    await settle();
    expect(finished.reason).toBe(why);
    expect(await rejection(writer.write(sequence(1)))).toMatchObject({
      code: "ERR_CLOSED_PIPE",
      side: "writer",
    });
    end();
  });
});
