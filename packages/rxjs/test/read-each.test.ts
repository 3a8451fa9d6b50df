import { type PipeReader, type PipeWriter, lines, pipe } from "@pipe512/core";
import { spend } from "@pipe512/core/adapter";
import { batches, readEach } from "@pipe512/rxjs";
import { expectWhole, joined, sequence } from "@pipe512/testing/bytes";
import { rejection } from "@pipe512/testing/promises";
import { settle } from "@pipe512/testing/turns";
import {
  defer,
  EMPTY,
  lastValueFrom,
  NEVER,
  Observable,
  type ObservableInput,
  of,
  retry,
  Subject,
  take,
  throwError,
  toArray,
} from "rxjs";
import { describe, expect, test, vi } from "vitest";
import { BareReader, bare } from "./support/readers.ts";
import { record } from "./support/record.ts";

/** How far the clock of the budget is ahead of the real clock, in milliseconds. The budget keeps a reference to the clock when it is loaded. */
const clock = vi.hoisted(() => {
  const { now } = Date;
  const ahead = { ahead: 0 };
  Date.now = () => now() + ahead.ahead;
  return ahead;
});

const closedByReader = expect.objectContaining({ code: "ERR_CLOSED_PIPE", side: "reader" });

/** An endless iterator that counts its pulls and its calls of return(). */
class Counter implements AsyncIterableIterator<number> {
  asked = 0;
  left = 0;

  async next(): Promise<IteratorResult<number>> {
    this.asked += 1;
    return { done: false, value: this.asked };
  }

  async return(): Promise<IteratorResult<number>> {
    this.left += 1;
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

/** Writes `size` bytes at a time, forever. */
async function writeOn(writer: PipeWriter, size: number): Promise<never> {
  for (let at = 0; ; at += size) await writer.write(sequence(size, at));
}

describe("readEach() and backpressure", () => {
  for (const [name, wrap] of [
    ["a pipe", (reader: PipeReader) => reader],
    ["a reader with only the required members", (reader: PipeReader) => bare(reader)],
  ] as const) {
    for (const size of [1, 511, 512, 513, 1033, 70_000]) {
      // Red when: the next item is read before the inner observable has completed.
      test(`readEach() over ${name} has at most 512 bytes and one chunk ahead of a slow project, writes of ${size} bytes [RX-003]`, async () => {
        const { reader, writer } = pipe();
        const failed = rejection(writeOn(writer, size));
        const steps = new Subject<void>();
        let bytesDone = 0;
        let inHand = 0;
        const { subscription } = record(
          readEach(wrap(reader), (chunk) => {
            expectWhole(chunk, chunk.length, bytesDone);
            inHand = chunk.length;
            return steps.pipe(take(1));
          }),
        );
        for (let step = 0; step < 5; step++) {
          await settle();
          expect(inHand).toBeGreaterThan(0);
          expect(writer.bytesWritten - bytesDone).toBeLessThanOrEqual(512 + inHand);
          expect(reader.bytesRead).toBe(bytesDone + inHand);
          bytesDone += inHand;
          steps.next();
        }
        subscription.unsubscribe();
        expect(await failed).toEqual(closedByReader);
      });
    }
  }

  const inners: Array<[name: string, inner: () => Observable<number> | Promise<number>, values: number]> = [
    ["a promise", () => Promise.resolve(1), 1],
    ["an observable that emits at once", () => of(1, 2), 2],
    [
      "one that emits later",
      () =>
        new Observable((inner) =>
          queueMicrotask(() => {
            inner.next(1);
            inner.complete();
          }),
        ),
      1,
    ],
    ["an empty one", () => EMPTY, 0],
  ];
  for (const [name, inner, values] of inners) {
    // Red when: the next item is not pulled, or all are pulled at once.
    test(`readEach() pulls the next item when ${name} has completed, and emits its values [RX-003]`, async () => {
      const counter = new Counter();
      const { values: emitted, end } = record(
        readEach(counter, (item) => {
          expect(counter.asked).toBe(item);
          return item === 4 ? NEVER : inner();
        }),
      );
      await settle();
      expect([counter.asked, emitted.length, end]).toEqual([4, 3 * values, []]);
    });
  }

  // Red when: the next item is pulled before the promise has resolved.
  test("readEach() waits for a promise [RX-003]", async () => {
    const counter = new Counter();
    let resolve: (value: string) => void = () => {};
    const { values } = record(
      readEach(
        counter,
        () =>
          new Promise<string>((resolveInner) => {
            resolve = resolveInner;
          }),
      ),
    );
    await settle();
    expect(counter.asked).toBe(1);
    resolve("done");
    await settle();
    expect([counter.asked, values]).toEqual([2, ["done"]]);
  });

  // Red when: items are collected and projected later.
  test("readEach() over the lines of a pipe takes one line at a time [RX-003]", async () => {
    const { reader, writer } = pipe();
    const steps = new Subject<string>();
    const seen: Array<[string, number]> = [];
    const { end } = record(
      readEach(lines(reader), (line, index) => {
        seen.push([line, index]);
        return steps.pipe(take(1));
      }),
    );
    await writer.write(new TextEncoder().encode("one\ntwo\r\nthree"));
    writer.close();
    for (const expected of [
      [["one", 0]],
      [
        ["one", 0],
        ["two", 1],
      ],
      [
        ["one", 0],
        ["two", 1],
        ["three", 2],
      ],
    ]) {
      await settle();
      expect([seen, end]).toEqual([expected, []]);
      steps.next("");
    }
    await settle();
    expect(end).toEqual(["complete"]);
  });

  // Red when: chunks are views of one array.
  test("readEach() passes chunks to project that project owns [RX-009]", async () => {
    const { reader, writer } = pipe();
    const chunks = lastValueFrom(readEach(bare(reader), async (chunk) => chunk).pipe(toArray()));
    for (const at of [0, 512, 1024]) {
      await writer.write(sequence(512, at));
      await writer.flush();
    }
    writer.close();
    expectWhole(joined(await chunks), 1536);
  });
});

describe("readEach() and slow inner observables", () => {
  // Red when: the next item is read after the first value of an inner observable.
  test("readEach() waits until an inner observable completes, not until it emits [RX-003]", async () => {
    const counter = new Counter();
    const inner = new Subject<string>();
    const { values } = record(readEach(counter, () => inner));
    await settle();
    inner.next("one");
    inner.next("two");
    await settle();
    expect([counter.asked, values]).toEqual([1, ["one", "two"]]);
  });
});

describe("readEach() at the subscription", () => {
  // Red when: the first pull waits for its turn of the event loop. When a child process exits, Node discards the unread output of its stdout if no consumer is
  // attached.
  test.for([
    ["an iterable", (source: AsyncIterable<number>): AsyncIterable<unknown> => source],
    [
      "batches() of one",
      (source: AsyncIterable<number>): AsyncIterable<unknown> => batches(source, { size: 2 }),
    ],
  ] as const)(
    "readEach() of %s pulls the first item before any wait, even if the budget of the event loop is used up [RX-003] [RX-012]",
    async ([, over]) => {
      let pulls = 0;
      const idle = {
        next: () => new Promise<never>(() => void (pulls += 1)),
        [Symbol.asyncIterator]: () => idle,
      };
      clock.ahead += 1000;
      while (spend(1 << 22));
      readEach(over(idle), () => []).subscribe();
      for (let microtasks = 0; microtasks < 10; microtasks++) await Promise.resolve();
      expect(pulls).toBe(1);
    },
  );
});

describe("readEach() at the end", () => {
  for (const failure of [new Error("the source broke"), undefined, 0]) {
    // Red when: an error becomes the end, or is wrapped.
    test(`readEach() fails with the source's ${String(failure)} itself, after all data [RX-007]`, async () => {
      const { reader, writer } = pipe();
      await writer.write(sequence(511));
      writer.closeWithError(failure);
      const { values, end } = record(readEach(reader, (chunk) => of(chunk)));
      await settle();
      expectWhole(joined(values), 511);
      expect(end).toEqual(["error", failure]);
    });
  }

  // Red when: it completes while the last inner observable is still running.
  test("readEach() completes when the last inner observable has completed [RX-007]", async () => {
    const { reader, writer } = pipe();
    const last = new Subject<number>();
    const { values, end } = record(readEach(reader, () => last));
    await writer.write(sequence(1));
    writer.close();
    await settle();
    last.next(1);
    expect([values, end]).toEqual([[1], []]);
    last.complete();
    await settle();
    expect(end).toEqual(["complete"]);
  });
});

describe("readEach() and unsubscribing", () => {
  for (const [name, wrap] of [
    ["a pipe", (reader: PipeReader) => reader],
    ["the lines of a pipe", (reader: PipeReader) => lines(reader)],
  ] as const) {
    // Red when: unsubscribing does not leave the iterator at once.
    test(`readEach() over ${name} closes the reader at once while a read is pending [RX-001]`, async () => {
      const { reader, writer } = pipe();
      const { end, subscription } = record(readEach<unknown, typeof EMPTY>(wrap(reader), () => EMPTY));
      await settle();
      subscription.unsubscribe();
      expect(() => writer.tryWrite(sequence(1))).toThrow(closedByReader);
      await settle();
      expect(end).toEqual([]);
    });
  }

  // Red when: an item that comes after unsubscribing is passed to project.
  test("readEach() never calls project after unsubscribing [RX-001]", async () => {
    let answer: (bytes: Uint8Array) => void = () => {};
    const reader = new BareReader(
      () =>
        new Promise((resolve) => {
          answer = resolve;
        }),
    );
    let projected = 0;
    const { subscription } = record(readEach(reader, () => of((projected += 1))));
    await settle();
    subscription.unsubscribe();
    answer(sequence(1));
    await settle();
    expect(projected).toBe(0);
  });

  // Red when: the inner observable is not unsubscribed.
  test("readEach() unsubscribes the inner observable and leaves the source at unsubscribing [RX-001]", async () => {
    const counter = new Counter();
    let left = 0;
    const { subscription } = record(readEach(counter, () => new Observable<never>(() => () => (left += 1))));
    await settle();
    subscription.unsubscribe();
    await settle();
    expect([left, counter.left, counter.asked]).toEqual([1, 1, 1]);
  });

  // Red when: a synchronous inner observable runs forever. It would hang the test, so it is bounded.
  test("readEach() stops a synchronous inner observable [RX-002]", async () => {
    let emitted = 0;
    const inner = new Observable<number>((subscriber) => {
      while (!subscriber.closed && emitted < 1000) subscriber.next((emitted += 1));
    });
    const counter = new Counter();
    const { values, end } = record(readEach(counter, () => inner).pipe(take(3)));
    await settle();
    expect([values, end, counter.left]).toEqual([[1, 2, 3], ["complete"], 1]);
    expect(emitted).toBe(4); // It is stopped at the fourth.
  });

  // Red when: an inner observable that emits synchronously and later again is never unsubscribed.
  test("readEach() unsubscribes an inner observable that continues after take() has enough values [RX-002]", async () => {
    let left = 0;
    const inner = new Observable<number>((subscriber) => {
      subscriber.next(1);
      return () => (left += 1);
    });
    record(readEach(new Counter(), () => inner).pipe(take(1)));
    await settle();
    expect(left).toBe(1);
  });

  const failure = new Error("the project broke");
  const breaking: Array<[name: string, project: () => ObservableInput<never>]> = [
    [
      "throws",
      () => {
        throw failure;
      },
    ],
    ["returns an observable that fails", () => throwError(() => failure)],
    ["returns a promise that rejects", () => Promise.reject(failure)],
  ];
  for (const [name, project] of breaking) {
    // Red when: the reader is not closed, or is closed with the error; the writer must get a ClosedPipeError.
    test(`readEach() closes the reader when project ${name} [RX-002]`, async () => {
      const { reader, writer } = pipe();
      const written = rejection(writer.write(sequence(200_000)));
      const { end } = record(readEach(reader, project));
      expect(await written).toEqual(closedByReader);
      expect(end).toEqual(["error", failure]);
    });
  }

  // Red when: an error of return() becomes an unhandled rejection, which fails the run.
  test("readEach() ignores an error of the iterator's return() [RX-001]", async () => {
    const counter = Object.assign(new Counter(), { return: () => Promise.reject(new Error("late")) });
    const { subscription, end } = record(readEach(counter, () => NEVER));
    await settle();
    subscription.unsubscribe();
    await settle();
    expect(end).toEqual([]);
  });
});

describe("readEach() subscribed to more than once", () => {
  for (const [name, once] of [
    ["one pipe", readEach(pipe().reader, () => EMPTY)],
    ["one iterator", readEach(lines(pipe().reader), () => EMPTY)],
    ["one reader with only the required members", readEach(bare(pipe().reader), () => EMPTY)],
  ] as const) {
    // Red when: a second subscription takes items from the first.
    test(`readEach() fails a second subscription to ${name}, and the first is not affected [RX-008]`, async () => {
      const first = record(once);
      const { end } = record(once);
      expect(end).toEqual([
        "error",
        expect.objectContaining({ message: expect.stringContaining("Cannot subscribe twice") }),
      ]);
      await settle();
      expect(first.end).toEqual([]);
    });
  }

  // Red when: every source counts as one that can be consumed once.
  test("readEach() starts a new iteration over a source that can be iterated again [RX-008]", async () => {
    const twice = {
      async *[Symbol.asyncIterator]() {
        yield 1;
        yield 2;
      },
    };
    const each = readEach(twice, async (item) => item);
    expect(await lastValueFrom(each.pipe(toArray()))).toEqual([1, 2]);
    expect(await lastValueFrom(each.pipe(toArray()))).toEqual([1, 2]);
  });

  // Red when: two subscriptions share a reader.
  test("readEach() in defer() is retried with a new reader for each attempt [RX-008]", async () => {
    let attempts = 0;
    const each = defer(() => {
      const { reader, writer } = pipe();
      attempts += 1;
      void writer.write(sequence(10));
      if (attempts === 3) writer.close();
      else writer.closeWithError(new Error("failed"));
      return readEach(reader, async (chunk) => chunk.length);
    });
    expect(await lastValueFrom(each.pipe(retry(2), toArray()))).toEqual([10, 10, 10]);
  });
});

describe("readEach() and reentrancy", () => {
  // Red when: the loop recurses in the completion of inner observables.
  test("readEach() handles 20,000 items whose inner observables complete synchronously [RX-003]", async () => {
    const counter = new Counter();
    expect(await lastValueFrom(readEach(counter, (item) => of(item)).pipe(take(20_000)))).toBe(20_000);
  });
});
