import { type PipeWriter, pipe, readAll, readText, type Writer, writerTo } from "@pipe512/core";
import { fromObservable, writeTo } from "@pipe512/rxjs";
import { cut, expectWhole, sequence } from "@pipe512/testing/bytes";
import { rejection } from "@pipe512/testing/promises";
import { pending, settle } from "@pipe512/testing/turns";
import {
  concat,
  EMPTY,
  from,
  lastValueFrom,
  NEVER,
  Observable,
  of,
  Subject,
  throwError,
  toArray,
} from "rxjs";
import { describe, expect, test } from "vitest";
import { record } from "./support/record.ts";

const closedByReader = expect.objectContaining({ code: "ERR_CLOSED_PIPE", side: "reader" });

/** `writer` with only the required members. */
function bare(writer: PipeWriter): Writer {
  return {
    write: (bytes, options) => writer.write(bytes, options),
    close: () => writer.close(),
    closeWithError: (error) => writer.closeWithError(error),
  };
}

for (const [kind, wrap] of [
  ["a pipe", (writer: PipeWriter): Writer => writer],
  ["a writer with only the required members", bare],
] as const) {
  describe(`writeTo() over ${kind}`, () => {
    for (const sizes of [[0], [1], [511, 1], [512], [513], [1033, 7], [3, 0, 1024]]) {
      // Red when: a value is lost, duplicated, or cut; or accepted bytes are miscounted; or the writer is not closed.
      test(`writeTo() writes values of ${sizes.join(" and ")} bytes in order, emits the bytes accepted so far, and completes [RX-005]`, async () => {
        const { reader, writer } = pipe();
        const values = sizes[0] === 0 ? [sequence(0)] : cut(sequence(5000), ...sizes);
        const totals = lastValueFrom(from(values).pipe(writeTo(wrap(writer)), toArray()));
        expectWhole(await readAll(reader), sizes[0] === 0 ? 0 : 5000);
        let sum = 0;
        const sums = values.map(({ length }) => (sum += length));
        expect(await totals).toHaveLength(values.length);
        expect(await totals).toEqual((await totals).toSorted((a, b) => a - b));
        expect(await totals).toEqual(
          expect.arrayContaining([...new Set(sums)].slice(-20).filter((total) => total > 0)),
        );
      });
    }

    // Red when: completion does not wait for queued bytes.
    test("writeTo() completes when all queued bytes are written [RX-005]", async () => {
      const { reader, writer } = pipe();
      const { values, end } = record(of(sequence(512), sequence(100, 512)).pipe(writeTo(wrap(writer))));
      await settle();
      expect([values, end]).toEqual([[512], []]);
      await reader.read(new Uint8Array(512));
      await settle();
      expect([values, end]).toEqual([[512, 612], ["complete"]]);
      expectWhole(await readAll(reader), 100, 512);
    });

    // Red when: the source's error overtakes its values.
    test("writeTo() closes the writer with the source's error, after the queued bytes, and fails with it [RX-005]", async () => {
      const failure = new Error("the source broke");
      const { reader, writer } = pipe();
      const source = concat(
        of(sequence(512), sequence(100, 512)),
        throwError(() => failure),
      );
      const { values, end } = record(source.pipe(writeTo(wrap(writer))));
      await settle();
      expect(end).toEqual([]);
      const into = new Uint8Array(1000);
      await reader.read(into.subarray(0, 512));
      await reader.read(into.subarray(512));
      expectWhole(into.subarray(0, 612), 612);
      expect(await rejection(reader.read(into))).toBe(failure);
      expect([values, end]).toEqual([
        [512, 612],
        ["error", failure],
      ]);
      expect(end[1]).toBe(failure);
    });

    // Red when: an error of the writer is not passed on, or the source stays subscribed.
    test("writeTo() fails with the error of a pending write, and unsubscribes the source [RX-006]", async () => {
      const failure = new Error("enough");
      const { reader, writer } = pipe();
      const source = new Subject<Uint8Array>();
      const { end } = record(source.pipe(writeTo(wrap(writer))));
      source.next(sequence(1000));
      source.next(sequence(1000));
      await settle();
      reader.closeWithError(failure);
      await settle();
      expect(end).toEqual(["error", failure]);
      expect(source.observed).toBe(false);
    });

    // Red when: unsubscribing does not close the writer, or closes it cleanly.
    test("unsubscribing writeTo() closes the writer with an AbortError, and unsubscribes the source [RX-006]", async () => {
      const { reader, writer } = pipe();
      const source = new Subject<Uint8Array>();
      const { end, subscription } = record(source.pipe(writeTo(wrap(writer))));
      source.next(sequence(600));
      await settle();
      subscription.unsubscribe();
      expect(source.observed).toBe(false);
      await settle();
      expect(end).toEqual([]);
      const into = new Uint8Array(1000);
      const count = await reader.read(into);
      expectWhole(into.subarray(0, count ?? 0), 512);
      expect(await rejection(reader.read(into))).toMatchObject({ name: "AbortError" });
    });
  });
}

describe("writeTo() while the source is idle", () => {
  for (const [name, close, expected] of [
    ["closes", (reader: { close(): void }) => reader.close(), closedByReader],
    [
      "closes with an error",
      (reader: { closeWithError(error: unknown): void }) => reader.closeWithError("enough"),
      "enough",
    ],
  ] as const) {
    // Red when: the writer is not watched between two values.
    test(`writeTo() unsubscribes the source once, and fails, when the reader ${name} [RX-006]`, async () => {
      const { reader, writer } = pipe();
      let left = 0;
      const idle = new Observable<Uint8Array>(() => () => (left += 1));
      const { end } = record(idle.pipe(writeTo(writer)));
      await settle();
      expect(left).toBe(0);
      close(reader);
      await settle();
      expect(left).toBe(1);
      expect(end).toEqual(["error", expected]);
    });
  }

  // Red when: the closed writer is found only at the next value if the last write has just succeeded.
  test("writeTo() unsubscribes the source when the reader reads the last bytes and closes synchronously [RX-006]", async () => {
    const { reader, writer } = pipe();
    const source = new Subject<Uint8Array>();
    const { end } = record(source.pipe(writeTo(writer)));
    source.next(sequence(600));
    reader.tryRead(new Uint8Array(600));
    reader.close();
    await settle();
    expect([end, source.observed]).toEqual([["error", closedByReader], false]);
  });

  // Red when: a closed writer is not detected at the subscription.
  test("writeTo() fails at once over a closed writer [RX-006]", async () => {
    const { reader, writer } = pipe();
    reader.close();
    const { end } = record(NEVER.pipe(writeTo(writer)));
    await settle();
    expect(end).toEqual(["error", closedByReader]);
  });
});

describe("writeTo() at the end", () => {
  // Red when: late values are written, or a second end has an effect.
  test("writeTo() ignores everything after the source's end [RX-005]", async () => {
    const { reader, writer } = pipe();
    const unruly = new Observable<Uint8Array>((subscriber) => {
      subscriber.next(sequence(1));
      subscriber.complete();
      subscriber.next(sequence(1));
      subscriber.error(new Error("late"));
    });
    const { values, end } = record(unruly.pipe(writeTo(writer)));
    expect([values, end]).toEqual([[1], ["complete"]]);
    expectWhole(await readAll(reader), 1);
  });

  // Red when: an end without a value does not close the writer.
  test("writeTo() closes the writer for an empty source [RX-005]", async () => {
    const { reader, writer } = pipe();
    expect(record(EMPTY.pipe(writeTo(writer))).end).toEqual(["complete"]);
    expect(await readText(reader)).toBe("");
  });
});

describe("writeTo() and ownership", () => {
  // Red when: values are queued without a copy.
  test("writeTo() copies queued values: the source may reuse its array [RX-005]", async () => {
    const { reader, writer } = pipe();
    const source = new Subject<Uint8Array>();
    source.pipe(writeTo(writer)).subscribe();
    const array = new Uint8Array(1000);
    for (const at of [0, 1000, 2000]) {
      array.set(sequence(1000, at));
      source.next(array);
      array.fill(0);
    }
    source.complete();
    expectWhole(await readAll(reader), 3000);
  });

  // Red when: a Buffer is queued without a copy, because its slice() makes none.
  test("writeTo() copies Buffers and views of larger arrays [RX-005]", async ({ skip }) => {
    if (!("Buffer" in globalThis)) {
      skip("the platform has no Buffer");
      return;
    }
    const { reader, writer } = pipe();
    const source = new Subject<Uint8Array>();
    source.pipe(writeTo(writer)).subscribe();
    const buffer = Buffer.from(sequence(1033)).subarray(0, 1000);
    source.next(buffer);
    buffer.fill(0);
    source.complete();
    expectWhole(await readAll(reader), 1000);
  });

  // Red when: transferred arrays are copied.
  test("writeTo({ transfer: true }) passes on the same arrays [RX-005]", async () => {
    const chunks = [sequence(1000), sequence(10), sequence(2000)];
    const reader = fromObservable(from(chunks), { transfer: true });
    for (const chunk of chunks) expect(await reader.readChunk()).toBe(chunk);
    expect(await reader.readChunk()).toBe(null);
  });
});

describe("writeTo() and reentrancy", () => {
  // Red when: two writes run at once, or a value that comes during an emission is written too early.
  test("writeTo() keeps the order if its subscriber makes the source emit [RX-005]", async () => {
    const { reader, writer } = pipe();
    const source = new Subject<Uint8Array>();
    let sent = 0;
    const send = (length: number): void => {
      sent += length;
      source.next(sequence(length, sent - length));
    };
    source.pipe(writeTo(writer)).subscribe(() => {
      if (sent < 20_000) send(1 + (sent % 700));
      else source.complete();
    });
    send(600);
    expectWhole(await readAll(reader), sent);
  });

  // Red when: the loop continues after unsubscribing during an emission.
  test("writeTo() that is unsubscribed during an emission writes nothing more [RX-006]", async () => {
    const { reader, writer } = pipe();
    const source = new Subject<Uint8Array>();
    const subscription = source.pipe(writeTo(writer)).subscribe(() => subscription.unsubscribe());
    source.next(sequence(600));
    source.next(sequence(600, 600));
    await reader.read(new Uint8Array(600));
    await settle();
    expect(source.observed).toBe(false);
    expect(await rejection(reader.read(new Uint8Array(1)))).toMatchObject({ name: "AbortError" });
    expect(writer.bytesWritten).toBe(600);
  });

  // Red when: a pending write is not awaited.
  test("writeTo() waits for the reader [RX-004]", async () => {
    const { writer } = pipe();
    const done = lastValueFrom(of(sequence(513)).pipe(writeTo(writer)));
    expect(await pending(done)).toBe(true);
    writer.closeWithError(new Error("over"));
    await rejection(done);
  });
});

describe("writeTo() and the sink behind its writer", () => {
  // Red when: it completes at the close; the error of the sink is lost.
  test("writeTo() completes after finish(), and fails with the error of the sink [RX-006]", async () => {
    let end: () => void = () => {};
    const ended = new Promise<void>((resolve) => (end = resolve));
    const { writer, result } = writerTo(async (reader) => {
      const text = await readText(reader);
      await ended;
      return text;
    });
    const { end: outcome } = record(of("a", "b").pipe(writeTo(writer)));
    await settle();
    expect(outcome).toEqual([]);
    end();
    expect(await result).toBe("ab");
    await settle();
    expect(outcome).toEqual(["complete"]);

    const failure = new Error("disk is full");
    const failing = writerTo(async (reader) => {
      await readText(reader);
      throw failure;
    });
    const { end: failed } = record(of("a").pipe(writeTo(failing.writer)));
    await settle();
    expect(failed).toEqual(["error", failure]);
  });

  // Red when: the rest of a short write is lost; a wrong count is accepted.
  test("writeTo() writes the rest after a short write, and fails with a TypeError at a wrong count [PIPE-065]", async () => {
    const taken: number[] = [];
    const short = (answer: (bytes: Uint8Array) => unknown) => ({
      write: async (bytes: Uint8Array) => answer(bytes) as number,
      close() {},
      closeWithError() {},
    });
    const three = short((bytes) => {
      taken.push(...bytes.subarray(0, 3));
      return Math.min(bytes.length, 3);
    });
    const { values, end } = record(of("hello, ", "world").pipe(writeTo(three)));
    await settle();
    expect(new TextDecoder().decode(Uint8Array.from(taken))).toBe("hello, world");
    expect([values.at(-1), end]).toEqual([12, ["complete"]]);
    for (const answer of [undefined, Number.NaN, 99, -1]) {
      const { end: failed } = record(of("hello").pipe(writeTo(short(() => answer))));
      await settle();
      expect(failed).toEqual(["error", expect.any(TypeError)]);
    }
    const { end: tried } = record(of("hello").pipe(writeTo({ ...three, tryWrite: () => 99 })));
    expect(tried).toEqual(["error", expect.any(TypeError)]);
  });
});
