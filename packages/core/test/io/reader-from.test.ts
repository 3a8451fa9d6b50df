import {
  ClosedPipeError,
  type PipeReader,
  type PipeWriter,
  readerFrom,
  readText,
  writeText,
} from "@pipe512/core";
import { expectSequence, sequence } from "@pipe512/testing/bytes";
import { type Watched, rejection, watch } from "@pipe512/testing/promises";
import { settle } from "@pipe512/testing/turns";
import { unhandled } from "@pipe512/testing/unhandled";
import { describe, expect, test } from "vitest";
import { drain } from "../support/drain.ts";

const errors = [[new Error("disk")], [undefined], [null], [0]] as const;

/** Collects garbage until `watched` has settled, or for a number of rounds after which it should have settled. */
async function collect(watched: Watched<unknown>): Promise<void> {
  for (let round = 0; round < 30 && watched.state === "pending"; round++) {
    globalThis.gc?.();
    await settle();
  }
}

/** The reader of a producer that waits for ever, and the signal that was passed to the producer. */
function waiting(): { reader: PipeReader; signal: AbortSignal } {
  let given: AbortSignal | undefined;
  const reader = readerFrom((_, { signal }) => {
    given = signal;
    return new Promise(() => {});
  });
  return { reader, signal: given as AbortSignal };
}

describe("a producer", () => {
  // Red when: the producer is started in a later iteration of the event loop.
  test("readerFrom() runs the producer at once, and its writes wait for the reader [PIPE-074]", async () => {
    const steps: string[] = [];
    const reader = readerFrom(async (writer) => {
      steps.push("started");
      await writer.write(sequence(1033));
      steps.push("written");
    });
    steps.push("returned");
    await settle();
    expect(steps).toEqual(["started", "returned"]);
    expectSequence(await drain(reader));
    expect(steps).toEqual(["started", "returned", "written"]);
  });

  // Red when: the writer is closed with an error, or not at all, when the producer returns.
  test("readerFrom() ends the stream when the producer returns, in time or at once [PIPE-074]", async () => {
    const later = readerFrom(async (writer) => {
      await writer.write(sequence(513));
    });
    expect((await drain(later)).length).toBe(513);
    const atOnce = readerFrom((writer) => {
      void writer.write(sequence(1033)); // A write that was issued before continues after the producer has returned.
    });
    const received = await drain(atOnce);
    expect(received.length).toBe(1033);
    expectSequence(received);
    expect(await atOnce.read(new Uint8Array(1))).toBe(null);
  });

  // Red when: the stream ends cleanly when the producer throws; or a falsy error counts as no error.
  test.for(errors)(
    "readerFrom() rejects the reads with the error that the producer throws, %o [PIPE-074]",
    async ([error]) => {
      const producers = [
        async (writer: PipeWriter) => {
          await writer.write(sequence(300));
          throw error;
        },
        (writer: PipeWriter) => {
          writer.tryWrite(sequence(300));
          throw error;
        },
      ];
      for (const produce of producers) {
        const reader = readerFrom(produce);
        const into = new Uint8Array(513);
        expect(await reader.read(into)).toBe(300);
        expectSequence(into.subarray(0, 300));
        expect(await rejection(reader.read(into))).toBe(error);
      }
    },
  );

  // Red when: the result of the producer, or its error, overrides its own close.
  test("readerFrom() keeps the close of a producer that has closed the writer itself [PIPE-074]", async () => {
    const error = new Error("disk");
    const failed = readerFrom((writer) => writer.closeWithError(error));
    expect(await rejection(readText(failed))).toBe(error);
    const ended = readerFrom(async (writer) => {
      await writeText(writer, "all");
      writer.close();
      throw error;
    });
    const done = rejection(ended.done);
    expect(await readText(ended)).toBe("all");
    expect(await done).toBe(error); // The reader did not receive it.
  });

  // Red when: the rejection of a producer whose reader has closed has no handler.
  test("readerFrom() leaves no rejection of the producer unhandled [PIPE-074]", async () => {
    const reasons = await unhandled(async () => {
      const reader = readerFrom((writer) => writer.write(sequence(1033)));
      reader.close();
      readerFrom(() => Promise.reject(new Error("disk")));
      readerFrom(() => {
        throw new Error("disk");
      });
    });
    expect(reasons).toEqual([]);
  });
});

describe("the signal of a producer", () => {
  // Red when: nothing aborts the signal.
  test("readerFrom() aborts the signal with a ClosedPipeError when the reader closes [PIPE-074]", async () => {
    const { reader, signal } = waiting();
    await settle();
    expect(signal.aborted).toBe(false);
    reader.close();
    await settle();
    expect(signal.reason).toBeInstanceOf(ClosedPipeError);
    expect(signal.reason).toMatchObject({ side: "reader", operation: "write" });
  });

  // Red when: the reason is a ClosedPipeError although the reader closed with an error; or an error about another pipe's writer counts as an own close.
  test.for([
    [new Error("enough")],
    [0],
    [null],
    [Number.NaN],
    [new ClosedPipeError("Cannot write", { side: "writer", operation: "write" })],
  ])(
    "readerFrom() aborts the signal with the error that the reader closes with, %o [PIPE-074]",
    async ([error]) => {
      const { reader, signal } = waiting();
      reader.closeWithError(error);
      await settle();
      expect(signal.aborted).toBe(true);
      expect(signal.reason).toBe(error);
    },
  );

  // Red when: the signal aborts as soon as no write is possible, even if the writer was closed by its own side.
  test("readerFrom() aborts nothing when the producer itself closes, fails or returns [PIPE-074]", async () => {
    const signals: AbortSignal[] = [];
    const ends = [
      (writer: PipeWriter) => writer.close(),
      (writer: PipeWriter) => writer.closeWithError(new Error("disk")),
      () => Promise.reject(new Error("disk")),
      () => {},
    ];
    for (const end of ends) {
      readerFrom((writer, { signal }) => {
        signals.push(signal);
        return end(writer);
      });
    }
    await settle();
    expect(signals.map((signal) => signal.aborted)).toEqual([false, false, false, false]);
  });
});

describe("lost ends", () => {
  // Red when: the code that watches for the close of the reader keeps the writer alive.
  test("readerFrom() does not keep the producer alive: its loss reaches the reader [PIPE-074] [PIPE-029]", async ({
    skip,
  }) => {
    skip(globalThis.gc === undefined, "garbage cannot be collected here");
    const { reader } = waiting();
    const reading = watch(reader.read(new Uint8Array(10)));
    await collect(reading);
    expect(reading.reason).toMatchObject({ code: "ERR_ABANDONED_PIPE", side: "writer" });
  });

  // Red when: the code that watches for the close of the reader keeps the reader alive.
  test("readerFrom() does not keep the reader alive: its loss reaches the producer and aborts its signal [PIPE-074] [PIPE-029]", async ({
    skip,
  }) => {
    skip(globalThis.gc === undefined, "garbage cannot be collected here");
    const { signal, writing } = (() => {
      const given: { signal?: AbortSignal; writing?: Watched<number> } = {};
      readerFrom((writer, context) => {
        given.signal = context.signal;
        given.writing = watch(writer.write(sequence(1033)));
        return new Promise(() => {});
      });
      return given as Required<typeof given>;
    })();
    await collect(writing);
    const lost = { code: "ERR_ABANDONED_PIPE", side: "reader" };
    expect(writing.reason).toMatchObject(lost);
    expect(signal.reason).toMatchObject(lost);
  });
});
