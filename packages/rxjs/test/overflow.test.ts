import { type PipeReader, pipe } from "@pipe512/core";
import {
  fromObservable,
  type ObservableReader,
  OverflowError,
  type QueueOptions,
  throughPipe,
  writeTo,
} from "@pipe512/rxjs";
import { cut, expectWhole, joined, sequence } from "@pipe512/testing/bytes";
import { rejection } from "@pipe512/testing/promises";
import { settle } from "@pipe512/testing/turns";
import { from, Observable, Subject } from "rxjs";
import { describe, expect, test } from "vitest";
import { record } from "./support/record.ts";

/** Returns the remaining chunks of `reader`, until its end or error. */
async function drained(reader: PipeReader): Promise<{ chunks: Uint8Array[]; reason?: unknown }> {
  const chunks: Uint8Array[] = [];
  try {
    for await (const chunk of reader) chunks.push(chunk);
    return { chunks };
  } catch (reason) {
    return { chunks, reason };
  }
}

/** A source that emits `count` values of 100 bytes synchronously, and records when it is unsubscribed. */
class Burst extends Observable<Uint8Array> {
  emitted = 0;
  left = 0;

  constructor(count: number) {
    super((subscriber) => {
      subscriber.add(() => (this.left += 1));
      while (this.emitted < count && !subscriber.closed) {
        subscriber.next(sequence(100, 100 * this.emitted));
        this.emitted += 1;
      }
      subscriber.complete();
    });
  }
}

describe("A source that overflows", () => {
  // Red when: the source is not unsubscribed, or only after subscribe() has returned; or the reader ends cleanly.
  test("fromObservable() fails with an OverflowError that names the options, and unsubscribes a synchronous source at once [RX-004]", async () => {
    const source = new Burst(100_000);
    const reader = fromObservable(source, { maxBytes: 1000 });
    expect(source.left).toBe(1);
    expect(source.emitted).toBeLessThanOrEqual(17); // 512 bytes in the pipe, the rest of one value and others in the queue.
    const { chunks, reason } = await drained(reader);
    expectWhole(joined(chunks), 512);
    expect(reason).toBeInstanceOf(OverflowError);
    expect(reason).toMatchObject({ name: "OverflowError", code: "ERR_OVERFLOW" });
    expect(String(reason)).toMatch(
      /Cannot queue 100 bytes: \d+ of at most 1000 are queued; raise maxBytes, or .*drop-newest or drop-oldest/,
    );
    expect(reader.bytesDropped).toBe(0);
  });

  // Red when: only the subscriber or only the writer gets the error, or it comes later.
  test("writeTo() fails with the OverflowError and closes the writer with it, synchronously [RX-004]", async () => {
    const { reader, writer } = pipe();
    const source = new Subject<Uint8Array>();
    const { end } = record(source.pipe(writeTo(writer, { maxBytes: 1000 })));
    source.next(sequence(512));
    source.next(sequence(1000));
    expect([end, source.observed]).toEqual([[], true]);
    source.next(sequence(1));
    expect(end).toEqual(["error", expect.any(OverflowError)]);
    expect(source.observed).toBe(false);
    expect(() => writer.tryWrite(sequence(1))).toThrow("the writer closed");
    const { chunks, reason } = await drained(reader);
    expectWhole(joined(chunks), 512);
    expect(reason).toBe(end[1]);
  });

  // Red when: the default of maxBytes changes.
  test("fromObservable() queues 65,536 bytes by default [RX-004]", async () => {
    for (const [more, fails] of [
      [0, false],
      [1, true],
    ] as const) {
      const reader = fromObservable(from([sequence(512), sequence(65_535 + more), sequence(1)]));
      const { reason } = await drained(reader);
      expect(reason instanceof OverflowError).toBe(fails);
    }
  });

  // Red when: a value is queued in part, or is not counted whole.
  test("fromObservable() queues values whole: one longer than maxBytes never fits, even into an empty queue [RX-004]", async () => {
    expect((await drained(fromObservable(from([sequence(1001)]), { maxBytes: 1000 }))).reason).toBeInstanceOf(
      OverflowError,
    );
    const { chunks, reason } = await drained(fromObservable(from([sequence(1000)]), { maxBytes: 1000 }));
    expect(reason).toBe(undefined);
    expectWhole(joined(chunks), 1000);
  });

  // Red when: throughPipe() ignores its options.
  test("throughPipe() fails with an OverflowError as well [RX-004]", () => {
    const { end } = record(new Burst(100).pipe(throughPipe({ maxBytes: 1000 })));
    return settle().then(() => expect(end).toEqual(["error", expect.any(OverflowError)]));
  });
});

/** Emits values of 100 bytes ten times as fast as they are read, and returns the bytes read. */
async function tenTimesTooFast(
  options: QueueOptions,
  feed: (source: Subject<Uint8Array>, values: Uint8Array[]) => void | Promise<void>,
): Promise<{ reader: ObservableReader; received: Uint8Array }> {
  const source = new Subject<Uint8Array>();
  const reader = fromObservable(source, { maxBytes: 1000, ...options });
  const received: Uint8Array[] = [];
  for (let round = 0; round < 20; round++) {
    await feed(
      source,
      Array.from({ length: 10 }, (_, index) => sequence(100, 100 * (10 * round + index))),
    );
    await settle(1);
    const into = new Uint8Array(100);
    const count = await reader.read(into);
    received.push(into.subarray(0, count ?? 0));
  }
  source.complete();
  const { chunks, reason } = await drained(reader);
  expect(reason).toBe(undefined);
  return { reader, received: joined([...received, ...chunks]) };
}

/** The numbers of the values that arrived, each whole and at a multiple of 100 bytes. */
function numbersOf(received: Uint8Array): number[] {
  const numbers: number[] = [];
  for (let at = 0; at < received.length; at += 100) {
    const value = received.subarray(at, at + 100);
    const number = Array.from({ length: 200 }, (_, candidate) => candidate).find((candidate) =>
      sequence(100, 100 * candidate).every((byte, index) => byte === value[index]),
    );
    if (number === undefined) throw new Error(`Cannot find the value at byte ${at}: no such value was sent`);
    numbers.push(number);
  }
  return numbers;
}

const paces: Array<
  [name: string, feed: (source: Subject<Uint8Array>, values: Uint8Array[]) => void | Promise<void>]
> = [
  [
    "synchronous",
    (source, values) => {
      for (const value of values) source.next(value);
    },
  ],
  [
    "asynchronous",
    async (source, values) => {
      for (const value of values) {
        source.next(value);
        await Promise.resolve();
      }
    },
  ],
];

for (const [pace, feed] of paces) {
  describe(`A ${pace} source that is ten times too fast`, () => {
    // Red when: the policy is ignored; or a value is dropped in part; or dropped bytes are not counted.
    test("drop-newest keeps the oldest values, whole and in order, and counts the others [RX-004]", async () => {
      const dropped: number[] = [];
      const { reader, received } = await tenTimesTooFast(
        { overflow: "drop-newest", onDrop: (bytes) => dropped.push(bytes) },
        feed,
      );
      const numbers = numbersOf(received);
      expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
      expect(numbers.slice(0, 10)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
      expect(new Set(dropped)).toEqual(new Set([100]));
      expect(reader.bytesDropped).toBe(100 * dropped.length);
      expect(reader.bytesDropped).toBe(20_000 - received.length);
      expect(numbers.at(-1)).toBeLessThan(199);
    });

    // Red when: the newest values are dropped; or the value being written, of which a part may have arrived, is
    // dropped.
    test("drop-oldest keeps the newest values, whole and in order, and counts the others [RX-004]", async () => {
      const dropped: number[] = [];
      const { reader, received } = await tenTimesTooFast(
        { overflow: "drop-oldest", onDrop: (bytes) => dropped.push(bytes) },
        feed,
      );
      const numbers = numbersOf(received);
      expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
      expect(numbers.slice(-9)).toEqual([191, 192, 193, 194, 195, 196, 197, 198, 199]);
      expect(reader.bytesDropped).toBe(dropped.reduce((sum, bytes) => sum + bytes, 0));
      expect(reader.bytesDropped).toBe(20_000 - received.length);
      expect(reader.bytesDropped).toBeGreaterThan(0);
    });

    // Red when: nothing bounds the queue.
    test("error fails with an OverflowError [RX-004]", async () => {
      await expect(tenTimesTooFast({}, feed)).rejects.toThrow(OverflowError);
    });
  });
}

describe("Dropped values", () => {
  /** A full pipe. Its queue holds a value of 90 bytes being written, and a waiting one of 8 bytes. */
  function full(options: QueueOptions): { source: Subject<Uint8Array>; reader: ObservableReader } {
    const source = new Subject<Uint8Array>();
    const reader = fromObservable(source, { maxBytes: 100, ...options });
    for (const piece of cut(sequence(512), 64)) source.next(piece);
    source.next(sequence(90, 512));
    source.next(sequence(8, 602));
    return { source, reader };
  }

  // Red when: waiting values are dropped although that makes too little room.
  test("drop-oldest drops only the new value if dropping others makes too little room [RX-004]", async () => {
    const { source, reader } = full({ overflow: "drop-oldest" });
    source.next(sequence(11)); // At most 10 bytes of room could be made.
    source.complete();
    expectWhole(joined((await drained(reader)).chunks), 610);
    expect(reader.bytesDropped).toBe(11);
  });

  // Red when: the entry after a dropped one is lost, or the queue's end still refers to the dropped one.
  test("drop-oldest continues with the values after a dropped one [RX-004]", async () => {
    const { source, reader } = full({ overflow: "drop-oldest" });
    source.next(sequence(10, 602));
    source.complete();
    expectWhole(joined((await drained(reader)).chunks), 612);
    expect(reader.bytesDropped).toBe(8);
  });

  // Red when: dropped bytes stay counted as queued.
  test("drop-newest accepts values again when there is room again [RX-004]", async () => {
    const { source, reader } = full({ overflow: "drop-newest" });
    source.next(sequence(50));
    expect(reader.bytesDropped).toBe(50);
    await reader.read(new Uint8Array(600));
    await settle();
    source.next(sequence(50, 610));
    source.complete();
    expectWhole(joined((await drained(reader)).chunks), 60, 600);
    expect(reader.bytesDropped).toBe(50);
  });

  // Red when: onDrop() is called in the middle of a change of the queue: a value it emits overtakes the current one.
  test("onDrop() may emit values itself, which come after the current one [RX-004]", async () => {
    const source = new Subject<Uint8Array>();
    const options: QueueOptions = {
      maxBytes: 100,
      overflow: "drop-oldest",
      onDrop: () => source.next(sequence(4, 606)),
    };
    const reader = fromObservable(source, options);
    for (const piece of cut(sequence(512), 64)) source.next(piece);
    source.next(sequence(90, 512));
    source.next(sequence(8));
    source.next(sequence(4, 602));
    source.complete();
    expectWhole(joined((await drained(reader)).chunks), 610);
  });

  // Red when: an error of onDrop() is thrown into the source, or lost.
  test("fromObservable() fails with the error that onDrop() throws [RX-004]", async () => {
    const failure = new Error("cannot count");
    const onDrop = (): never => {
      throw failure;
    };
    const { source, reader } = full({ overflow: "drop-newest", onDrop });
    source.next(sequence(50));
    expect(source.observed).toBe(false);
    expect((await drained(reader)).reason).toBe(failure);
    expect(await rejection(reader.read(new Uint8Array(1)))).toBe(failure);
  });
});
