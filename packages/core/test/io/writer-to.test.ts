import { ClosedPipeError, type PipeReader, readText, writerTo, writeText } from "@pipe512/core";
import { expectSequence, sequence } from "@pipe512/testing/bytes";
import { type Watched, rejection, watch } from "@pipe512/testing/promises";
import { settle } from "@pipe512/testing/turns";
import { unhandled } from "@pipe512/testing/unhandled";
import { describe, expect, test } from "vitest";
import { drain } from "../support/drain.ts";

const errors = [[new Error("disk")], [undefined], [null], [0]] as const;

/** The writer to a consumer that waits for ever, and the signal that was passed to the consumer. */
function waiting(): { writer: ReturnType<typeof writerTo>["writer"]; signal: AbortSignal } {
  let given: AbortSignal | undefined;
  const { writer } = writerTo((_, { signal }) => {
    given = signal;
    return new Promise(() => {});
  });
  return { writer, signal: given as AbortSignal };
}

describe("a consumer", () => {
  // Red when: the consumer is started in a later iteration of the event loop.
  test("writerTo() runs the consumer at once, and result is what it returns after the end [PIPE-074]", async () => {
    const steps: string[] = [];
    const { writer, result } = writerTo(async (reader) => {
      steps.push("started");
      const bytes = await drain(reader);
      steps.push("drained");
      return bytes;
    });
    steps.push("returned");
    await writer.write(sequence(1033));
    expect(steps).toEqual(["started", "returned"]);
    writer.close();
    const received = await result;
    expect(received.length).toBe(1033);
    expectSequence(received);
    expect(steps).toEqual(["started", "returned", "drained"]);
  });

  // Red when: the reader stays open when the consumer returns.
  test("writerTo() leaves no write pending after the consumer has returned, in time or at once [PIPE-074]", async () => {
    for (const consume of [async () => "enough", () => "enough"]) {
      const { writer, result } = writerTo(consume);
      const writing = rejection(writer.write(sequence(1033)));
      expect(await result).toBe("enough");
      expect(await writing).toMatchObject({ code: "ERR_CLOSED_PIPE", side: "reader" });
    }
  });

  // Red when: the reader is closed without the error; or a falsy error counts as no error.
  test.for(errors)(
    "writerTo() rejects the writes and result with the error of the consumer, %o [PIPE-074]",
    async ([error]) => {
      const consumers = [
        async (reader: PipeReader) => {
          await reader.read(new Uint8Array(10));
          throw error;
        },
        () => {
          throw error;
        },
      ];
      for (const consume of consumers) {
        const { writer, result } = writerTo(consume);
        const writing = rejection(writer.write(sequence(1033)));
        expect(await rejection(result)).toBe(error);
        expect(await writing).toBe(error);
      }
    },
  );

  // Red when: the consumer receives an error, or stays pending, after the writer has closed.
  test("writerTo() rejects the consumer's reads with the error that the writer closes with [PIPE-074]", async () => {
    const error = new Error("disk");
    const { writer, result } = writerTo(readText);
    await writeText(writer, "half");
    writer.closeWithError(error);
    expect(await rejection(result)).toBe(error);
  });

  // Red when: the helper handles the rejection of result itself.
  test("writerTo() leaves a rejection of result to the caller: without a handler it stays unhandled [PIPE-074] [PIPE-034]", async () => {
    const error = new Error("disk");
    const reasons = await unhandled(() => {
      writerTo(() => Promise.reject(error));
    });
    expect(reasons).toEqual([error]);
  });

  // Red when: a second promise is derived from the consumer's promise, and its rejection has no handler.
  test("writerTo() leaves nothing else unhandled [PIPE-074]", async () => {
    const reasons = await unhandled(async () => {
      const { result } = writerTo(() => Promise.reject(new Error("disk")));
      await rejection(result);
    });
    expect(reasons).toEqual([]);
  });
});

describe("the signal of a consumer", () => {
  // Red when: nothing aborts the signal; or an error about another pipe's reader counts as an own close.
  test.for([
    [new Error("disk")],
    [0],
    [null],
    [new ClosedPipeError("Cannot read", { side: "reader", operation: "read" })],
  ])(
    "writerTo() aborts the signal with the error that the writer closes with, %o [PIPE-074]",
    async ([error]) => {
      const { writer, signal } = waiting();
      await settle();
      expect(signal.aborted).toBe(false);
      writer.closeWithError(error);
      await settle();
      expect(signal.aborted).toBe(true);
      expect(signal.reason).toBe(error);
    },
  );

  // Red when: the signal aborts while there are bytes that the consumer may still read.
  test("writerTo() aborts the signal of a failed writer when its last byte was read [PIPE-074]", async () => {
    let given: { reader: PipeReader; signal: AbortSignal } | undefined;
    const { writer } = writerTo((reader, { signal }) => {
      given = { reader, signal };
      return new Promise(() => {});
    });
    await writer.write(sequence(10));
    writer.closeWithError(0);
    await settle();
    expect(given?.signal.aborted).toBe(false);
    expect(await given?.reader.read(new Uint8Array(10))).toBe(10);
    await settle();
    expect(given?.signal.reason).toBe(0);
  });

  // Red when: the signal aborts as soon as no further byte can arrive, even after a clean end.
  test("writerTo() aborts nothing at a clean end, or when the consumer closes the reader itself [PIPE-074]", async () => {
    const { writer, signal } = waiting();
    writer.close();
    let own: AbortSignal | undefined;
    writerTo((reader, context) => {
      own = context.signal;
      reader.close();
    });
    await settle();
    expect([signal.aborted, own?.aborted]).toEqual([false, false]);
  });
});

describe("lost ends", () => {
  // Red when: the code that watches for the failure of the writer keeps the reader alive.
  test("writerTo() does not keep the consumer alive: its loss reaches the writer [PIPE-074] [PIPE-029]", async ({
    skip,
  }) => {
    skip(globalThis.gc === undefined, "garbage cannot be collected here");
    const { writer } = waiting();
    const writing: Watched<number> = watch(writer.write(sequence(1033)));
    for (let round = 0; round < 30 && writing.state === "pending"; round++) {
      globalThis.gc?.();
      await settle();
    }
    expect(writing.reason).toMatchObject({ code: "ERR_ABANDONED_PIPE", side: "reader" });
  });
});
