import { type Reader, type Writer } from "@pipe512/core";
import { expectWhole, sequence } from "@pipe512/testing/bytes";
import { rejection } from "@pipe512/testing/promises";
import { settle } from "@pipe512/testing/turns";
import { fromReadableStream, toReadableStream, toWritableStream } from "@pipe512/web";
import { describe, expect, test } from "vitest";
import { bare, received } from "./support/streams.ts";

/** A writer that accepts a limited number of bytes at a time, and keeps them. */
function shortWriter(most: number): {
  readonly writer: Writer;
  readonly taken: number[];
  readonly closings: unknown[];
} {
  const taken: number[] = [];
  const closings: unknown[] = [];
  const writer: Writer = {
    async write(bytes) {
      const count = Math.min(most, bytes.length);
      taken.push(...bytes.subarray(0, count));
      return count;
    },
    close: () => closings.push("closed"),
    closeWithError: (error) => closings.push(error),
  };
  return { writer, taken, closings };
}

describe("toWritableStream() over a foreign writer", () => {
  // Red when: the count that a writer returns is ignored.
  test("writes the rest if it accepts fewer bytes [PIPE-065]", async () => {
    for (const most of [1, 100, 511, 1033]) {
      const { writer, taken } = shortWriter(most);
      const sink = toWritableStream(writer).getWriter();
      await sink.write(sequence(1033));
      await sink.close();
      expectWhole(Uint8Array.from(taken), 1033);
    }
  });

  // Red when: what tryWrite() has accepted counts twice, or the rest is written again.
  test("writes what tryWrite() leaves once [PIPE-065]", async () => {
    const calls: number[] = [];
    let tried = 0; // No byte, if the budget for calls that do not wait is spent.
    const { writer, taken } = shortWriter(1000);
    const partial: Writer = {
      ...writer,
      tryWrite(bytes) {
        const count = Math.min(3, bytes.length);
        taken.push(...bytes.subarray(0, count));
        tried += count;
        return count;
      },
      write(bytes) {
        calls.push(bytes.length);
        return writer.write(bytes);
      },
    };
    await toWritableStream(partial).getWriter().write(sequence(10));
    expectWhole(Uint8Array.from(taken), 10);
    expect(calls).toEqual([10 - tried]);
  });

  // Red when: a writer that accepts nothing is called forever.
  test("fails with ERR_NO_PROGRESS if it accepts nothing 100 times in a row [PIPE-065]", async () => {
    const { writer, closings } = shortWriter(0);
    const sink = toWritableStream(writer).getWriter();
    sink.closed.catch(() => {});
    const failure = await rejection(sink.write(sequence(10)));
    expect(failure).toMatchObject({ code: "ERR_NO_PROGRESS" });
    expect(closings).toEqual([failure]);
  });

  // Red when: an impossible count of a write is accepted.
  test("fails with a TypeError at an impossible count [PIPE-065]", async () => {
    for (const count of [-1, 11, 1.5, Number.NaN, "10", undefined]) {
      const writer: Writer = { ...shortWriter(0).writer, write: async () => count as number };
      const sink = toWritableStream(writer).getWriter();
      sink.closed.catch(() => {});
      expect(await rejection(sink.write(sequence(10)))).toBeInstanceOf(TypeError);
    }
  });
});

for (const byob of [true, false]) {
  describe(`toReadableStream() over a foreign reader, ${byob ? "a byte stream" : "a plain stream"}`, () => {
    // Red when: a result of 0 is delivered, or ends the stream.
    test("reads again if it returns 0 [PIPE-065]", async () => {
      let [calls, at] = [0, 0];
      const reader = bare(async (into) => {
        calls += 1;
        if (calls % 4 !== 0) return 0;
        if (at === 1000) return null;
        into.set(sequence(100, at));
        at += 100;
        return 100;
      });
      expectWhole(await received(toReadableStream(reader, { byob })), 1000);
    });

    // Red when: a reader that returns nothing is called forever.
    test("fails with ERR_NO_PROGRESS if it returns 0 repeatedly [PIPE-065]", async () => {
      const closings: unknown[] = [];
      const stream = toReadableStream(
        bare(async () => 0, closings),
        { byob },
      );
      const failure = await rejection(stream.getReader().read());
      expect(failure).toMatchObject({ code: "ERR_NO_PROGRESS" });
      expect(closings).toEqual([failure]);
    });

    // Red when: an empty chunk is not counted; the test then never ends.
    test("fails with ERR_NO_PROGRESS if its chunks are empty repeatedly [PIPE-065]", async () => {
      const reader: Reader = { ...bare(async () => 0), readChunk: async () => new Uint8Array(0) };
      const failure = await rejection(toReadableStream(reader, { byob }).getReader().read());
      expect(failure).toMatchObject({ code: "ERR_NO_PROGRESS" });
    });

    // Red when: an impossible count of a read is accepted.
    test("fails with a TypeError at an impossible count [PIPE-065]", async () => {
      for (const count of [-1, 70_000, 1.5, Number.NaN, "10", undefined]) {
        const stream = toReadableStream(
          bare(async () => count as number),
          { byob },
        );
        expect(await rejection(stream.getReader().read())).toBeInstanceOf(TypeError);
      }
    });

    // Red when: the end is detected by a read of 0 bytes, for which such a reader returns 0.
    test("ends while it is idle, once `closed` has resolved, even if a read of 0 bytes returns 0 [PIPE-009] [WEB-005]", async () => {
      for (const failure of [undefined, new Error("the source broke")]) {
        let end = (): void => {};
        const reader: Reader = {
          ...bare(async (into) => {
            if (into.length === 0) return 0;
            if (failure !== undefined) throw failure;
            return null;
          }),
          closed: new Promise((resolve) => {
            end = resolve;
          }),
        };
        const { closed } = toReadableStream(reader, { byob }).getReader();
        const told = closed.then(
          () => undefined,
          (reason: unknown) => reason,
        );
        await settle();
        end();
        expect(await told).toBe(failure);
      }
    });

    // Red when: a read of 0 bytes returns 0 after the end.
    test("of fromReadableStream() is notified of the end and an error while idle, after two round trips [PIPE-009] [WEB-005]", async () => {
      const failure = new Error("the source broke");
      for (const end of ["close", "error"] as const) {
        let controller!: ReadableStreamDefaultController<Uint8Array>;
        const source = new ReadableStream<Uint8Array>({ start: (given) => void (controller = given) });
        const there = toReadableStream(fromReadableStream(source), { byob });
        const { closed } = toReadableStream(fromReadableStream(there), { byob }).getReader();
        const told = closed.then(
          () => undefined,
          (reason: unknown) => reason,
        );
        await settle();
        controller[end](failure);
        expect(await told).toBe(end === "error" ? failure : undefined);
      }
    });
  });
}

// Red when: a wrong value is accepted, or the message does not name the function that converts it.
test("toReadableStream() and toWritableStream() reject a wrong value, and name the function that converts it [PIPE-064]", () => {
  const stream = new ReadableStream();
  expect(() => toReadableStream(stream as never)).toThrow(
    /^reader must be a Reader, .*fromReadableStream\(\)/,
  );
  expect(() => toReadableStream([] as never)).toThrow(/^reader must be a Reader, .*fromIterable\(\)/);
  expect(() => toReadableStream({ pipe() {}, on() {} } as never)).toThrow(
    /^reader must be a Reader, .*fromReadable\(\)/,
  );
  expect(() => toWritableStream(new WritableStream() as never)).toThrow(
    /^writer must be a Writer, .*fromWritableStream\(\)/,
  );
});
