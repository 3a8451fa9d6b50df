import { pipe, readAll, readText } from "@pipe512/core";
import { fromObservable, throughPipe, toObservable, writeTo } from "@pipe512/rxjs";
import { cut, expectWhole, joined, sequence } from "@pipe512/testing/bytes";
import { rejection } from "@pipe512/testing/promises";
import { pending, settle } from "@pipe512/testing/turns";
import {
  concat,
  EMPTY,
  from,
  lastValueFrom,
  merge,
  NEVER,
  Observable,
  of,
  Subject,
  take,
  throwError,
  toArray,
} from "rxjs";
import { TestScheduler } from "rxjs/testing";
import { describe, expect, test } from "vitest";
import { record } from "./support/record.ts";

const closed = expect.objectContaining({ code: "ERR_CLOSED_PIPE", side: "reader" });

describe("fromObservable()", () => {
  for (const length of [1, 511, 512, 513, 1033]) {
    // Red when: the queue loses, duplicates or reorders a byte.
    test(`fromObservable() delivers the bytes of a synchronous source of values of ${length} bytes, then the end [RX-005]`, async () => {
      expectWhole(await readAll(fromObservable(from(cut(sequence(20_000), length)))), 20_000);
    });
  }

  // Red when: strings are rejected, or their characters are cut.
  test("fromObservable() encodes strings as UTF-8 [RX-005]", async () => {
    expect(await readText(fromObservable(of("smör", "", "gås")))).toBe("smörgås");
  });

  // Red when: the source's end is not passed on.
  test("fromObservable() ends with an empty source, and waits for a silent one [RX-005]", async () => {
    expect(await readText(fromObservable(EMPTY))).toBe("");
    expect(await pending(readText(fromObservable(NEVER)))).toBe(true);
  });

  for (const failure of [new Error("the source broke"), undefined, 0]) {
    // Red when: the error overtakes the bytes, is wrapped, or becomes the end.
    test(`fromObservable() fails with the source's ${String(failure)} itself, after all data [RX-005]`, async () => {
      const reader = fromObservable(
        concat(
          of(sequence(2000)),
          throwError(() => failure),
        ),
      );
      const chunks: Uint8Array[] = [];
      const reason = await rejection(
        (async () => {
          for await (const chunk of reader) chunks.push(chunk);
        })(),
      );
      expectWhole(joined(chunks), 2000);
      expect(reason).toBe(failure);
    });
  }

  for (const [name, prepare] of [
    ["is idle", () => {}],
    ["waits with a value", (source: Subject<Uint8Array>) => source.next(sequence(1000))],
  ] as const) {
    // Red when: the source is unsubscribed only at its next value, or more than once.
    test(`fromObservable() unsubscribes the source once when its reader is closed while it ${name} [RX-006]`, async () => {
      const values = new Subject<Uint8Array>();
      let left = 0;
      const source = new Observable<Uint8Array>((subscriber) => {
        values.subscribe(subscriber);
        return () => (left += 1);
      });
      const reader = fromObservable(source);
      prepare(values);
      await settle();
      expect(left).toBe(0);
      reader.close();
      await settle();
      expect(left).toBe(1);
      values.next(sequence(1));
      expect(await rejection(reader.read(new Uint8Array(1)))).toEqual(closed);
    });
  }

  // Red when: it subscribes only when the first byte is read.
  test("fromObservable() subscribes at once, so that a hot source loses nothing [RX-005]", async () => {
    const source = new Subject<string>();
    const reader = fromObservable(source);
    source.next("first");
    source.complete();
    expect(await readText(reader)).toBe("first");
  });

  for (const bad of [42, null, undefined, {}, new Uint16Array(1)]) {
    // Red when: the error is thrown into the source, or later values are accepted.
    test(`fromObservable() fails with a TypeError at ${Object.prototype.toString.call(bad)}, and unsubscribes the source [RX-005]`, async () => {
      const source = new Subject<Uint8Array>();
      const reader = fromObservable(source);
      source.next(sequence(10));
      source.next(bad as Uint8Array);
      expect(source.observed).toBe(false);
      const into = new Uint8Array(100);
      expect(await reader.read(into)).toBe(10);
      const error = await rejection(reader.read(into));
      expect(error).toBeInstanceOf(TypeError);
      expect(String(error)).toMatch(/Cannot write .*: (pass a Uint8Array|wrap its memory in a Uint8Array)$/);
    });
  }

  // Red when: a detached array counts as an empty one.
  test("fromObservable() fails with a TypeError at a detached array [RX-005]", async () => {
    const gone = sequence(10);
    structuredClone(gone, { transfer: [gone.buffer] });
    for (const transfer of [true, false]) {
      const reader = fromObservable(of(gone), { transfer });
      expect(await rejection(reader.read(new Uint8Array(1)))).toBeInstanceOf(TypeError);
    }
  });

  // Red when: two sources share a queue, or values are interleaved.
  test("fromObservable() accepts two merged pipes, each value whole [RX-005]", async () => {
    const [a, b] = [pipe(), pipe()];
    const text = readText(fromObservable(merge(toObservable(a.reader), toObservable(b.reader))));
    for (let line = 0; line < 100; line++) {
      await a.writer.write(new TextEncoder().encode(`a${line}\n`));
      await a.writer.flush();
      await b.writer.write(new TextEncoder().encode(`b${line}\n`));
      await b.writer.flush();
    }
    a.writer.close();
    b.writer.close();
    const lines = (await text).trimEnd().split("\n");
    expect(lines.filter((line) => line.startsWith("a"))).toEqual(
      Array.from({ length: 100 }, (_, line) => `a${line}`),
    );
    expect(lines.filter((line) => line.startsWith("b"))).toEqual(
      Array.from({ length: 100 }, (_, line) => `b${line}`),
    );
  });
});

describe("throughPipe(), checked as an operator", () => {
  // Red when: it completes without the source.
  test("throughPipe() emits nothing for a source that never emits, and completes with an empty one [RX-007]", async () => {
    const never = record(NEVER.pipe(throughPipe()));
    const empty = record(EMPTY.pipe(throughPipe()));
    await settle();
    expect([never.end, empty.end]).toEqual([[], ["complete"]]);
  });

  // Red when: a byte is lost; or the chunks are the source's own.
  test("throughPipe() emits all bytes, in arrays separate from the source's [RX-007] [RX-009]", async () => {
    const chunks = cut(sequence(5000), 1033);
    const { values, end } = record(from(chunks).pipe(throughPipe()));
    await settle();
    expectWhole(joined(values), 5000);
    expect(end).toEqual(["complete"]);
    expect(values.filter((value) => chunks.includes(value as Uint8Array<ArrayBuffer>))).toEqual([]);
  });

  // Red when: the error overtakes the bytes.
  test("throughPipe() fails with the source's error itself, after all data [RX-007]", async () => {
    const failure = new Error("the source broke");
    const { values, end } = record(
      concat(
        of(sequence(1000)),
        throwError(() => failure),
      ).pipe(throughPipe()),
    );
    await settle();
    expectWhole(joined(values), 1000);
    expect(end[1]).toBe(failure);
  });

  // Red when: unsubscribing does not reach the source.
  test("throughPipe() unsubscribes its source at unsubscribing [RX-006] [RX-001]", async () => {
    const source = new Subject<Uint8Array>();
    const first = lastValueFrom(source.pipe(throughPipe(), take(1)));
    source.next(sequence(1));
    await first;
    await settle();
    expect(source.observed).toBe(false);
  });

  // Red when: two subscriptions share a pipe.
  test("throughPipe() makes a pipe for each subscription [RX-008]", async () => {
    const through = of(sequence(10)).pipe(throughPipe(), toArray());
    for (let round = 0; round < 2; round++) expectWhole(joined(await lastValueFrom(through)), 10);
  });
});

describe("writeTo() and the time of its emissions", () => {
  // Red when: bytes accepted at once are emitted later; or the writer is closed before the source's end.
  test("writeTo() emits synchronously the bytes that are accepted at once [RX-005]", () => {
    const { reader, writer } = pipe();
    new TestScheduler((actual, expected) => expect(actual).toEqual(expected)).run(
      ({ hot, expectObservable, expectSubscriptions }) => {
        const source = hot("          --a--b--|", { a: "smör", b: "gås" });
        const written = source.pipe(writeTo(writer));
        expectObservable(written).toBe("--x--y--|", { x: 5, y: 9 });
        expectSubscriptions(source.subscriptions).toBe("^-------!");
      },
    );
    expect(reader.tryRead(new Uint8Array(100))).toBe(9);
    expect(reader.tryRead(new Uint8Array(100))).toBe(null);
  });
});
