import { fromIterable, lines, pipe } from "@pipe512/core";
import { batches, readEach } from "@pipe512/rxjs";
import { sequence } from "@pipe512/testing/bytes";
import { rejection, watch } from "@pipe512/testing/promises";
import { settle } from "@pipe512/testing/turns";
import { expect, test, vi } from "vitest";
import { record } from "./support/record.ts";

/** A source of numbers from 0. It counts the pulls, and records whether it was closed early. */
function counter(count = Number.POSITIVE_INFINITY) {
  const state = { pulled: 0, left: 0 };
  const items: AsyncIterable<number> = {
    [Symbol.asyncIterator]: () => ({
      next: async () =>
        state.pulled < count ? { done: false, value: state.pulled++ } : { done: true, value: undefined },
      return: async () => {
        state.left += 1;
        return { done: true, value: undefined };
      },
    }),
  };
  return { state, items };
}

/** Promises that the test settles, by index. */
function deferred(): {
  start: (item: number) => Promise<number>;
  started: number[];
  end: Array<(error?: Error) => void>;
} {
  const started: number[] = [];
  const end: Array<(error?: Error) => void> = [];
  const start = (item: number): Promise<number> => {
    started.push(item);
    return new Promise((resolve, reject) => {
      end[item] = (error) => (error === undefined ? resolve(item) : reject(error));
    });
  };
  return { start, started, end };
}

// Red when: one step too many is started or pulled; the end does not wait for running steps.
test("readEach(source, project, { concurrency }) runs that many steps at a time and reads no further [IO-012]", async () => {
  const { state, items } = counter(5);
  const { start, started, end } = deferred();
  const { values, end: outcome } = record(readEach(items, start, { concurrency: 3 }));
  await settle();
  expect([started, state.pulled]).toEqual([[0, 1, 2], 3]);
  end[1]?.();
  await settle();
  expect([started, state.pulled, values]).toEqual([[0, 1, 2, 3], 4, [1]]);
  end[3]?.();
  end[0]?.();
  await settle();
  expect([started, values, outcome]).toEqual([[0, 1, 2, 3, 4], [1, 3, 0], []]);
  end[4]?.();
  await settle();
  expect(outcome).toEqual([]); // Number 2 still runs.
  end[2]?.();
  await settle();
  expect([values, outcome]).toEqual([[1, 3, 0, 4, 2], ["complete"]]);
});

// Red when: an error or unsubscribing waits for the other steps, or leaves the source open.
test("readEach({ concurrency }) leaves the source at an error and at unsubscribing [IO-012]", async () => {
  const failure = new Error("insert");
  for (const leave of ["error", "unsubscribe"]) {
    const { state, items } = counter();
    const { start, end } = deferred();
    const { end: outcome, subscription } = record(readEach(items, start, { concurrency: 2 }));
    await settle();
    if (leave === "error") end[1]?.(failure);
    else subscription.unsubscribe();
    await settle();
    end[0]?.();
    await settle();
    expect([state.pulled, state.left, outcome]).toEqual([2, 1, leave === "error" ? ["error", failure] : []]);
  }
  const { items } = counter();
  const project = (): never => {
    throw failure;
  };
  const { end: outcome } = record(readEach(items, project, { concurrency: Number.POSITIVE_INFINITY }));
  await settle();
  expect(outcome).toEqual(["error", failure]);
});

// Red when: return() is called on an iterator that lacks it.
test("batches() over an iterator without return() can be left [IO-012]", async () => {
  const source: AsyncIterable<number> = {
    [Symbol.asyncIterator]: () => ({ next: async () => ({ done: false, value: 1 }) }),
  };
  const iterator = batches(source, { size: 2 });
  expect(await iterator.next()).toEqual({ done: false, value: [1, 1] });
  expect(await iterator.return?.()).toEqual({ done: true, value: undefined });
});

// Red when: return() before the first step opens the source, or throws.
test("batches() that are left before the first step have ended, and open nothing [IO-012]", async () => {
  let opened = 0;
  const source: AsyncIterable<number> = {
    [Symbol.asyncIterator]: () => {
      opened += 1;
      return { next: async () => ({ done: true, value: undefined }) };
    },
  };
  const left = batches(source, { size: 2 });
  expect(await left.return?.()).toEqual({ done: true, value: undefined });
  expect(await left.next()).toEqual({ done: true, value: undefined });
  expect(opened).toBe(0);
});

// Red when: it pulls an item before a batch is awaited, or more items than the batch has.
test("batches() emits full batches, then the rest, and pulls nothing ahead [IO-012]", async () => {
  const { state, items } = counter(7);
  const iterator = batches(items, { size: 3 });
  await settle();
  expect(state.pulled).toBe(0);
  expect(await iterator.next()).toEqual({ done: false, value: [0, 1, 2] });
  await settle();
  expect(state.pulled).toBe(3);
  const [second, third, fourth] = [iterator.next(), iterator.next(), iterator.next()];
  expect(await Promise.all([second, third, fourth])).toEqual([
    { done: false, value: [3, 4, 5] },
    { done: false, value: [6] },
    { done: true, value: undefined },
  ]);
});

// Red when: the timer starts before the first item; a late item is lost; an empty batch is emitted.
test("batches() emits the items that came within maxWaitMs, and keeps a late item for the next batch [IO-012]", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  try {
    const { reader, writer } = pipe();
    const iterator = batches(lines(reader), { size: 3, maxWaitMs: 50 });
    const first = watch(iterator.next());
    await settle();
    vi.advanceTimersByTime(1000);
    await settle();
    expect(first.state).toBe("pending");
    writer.tryWrite(new TextEncoder().encode("one\n"));
    await settle();
    vi.advanceTimersByTime(49);
    await settle();
    expect(first.state).toBe("pending");
    vi.advanceTimersByTime(1);
    await settle();
    expect(first.value).toEqual({ done: false, value: ["one"] });
    writer.tryWrite(new TextEncoder().encode("two\nthree\nfour\nfive\n"));
    expect(await iterator.next()).toEqual({ done: false, value: ["two", "three", "four"] });
    expect(vi.getTimerCount()).toBe(0);
    const last = iterator.next();
    writer.close();
    expect(await last).toEqual({ done: false, value: ["five"] });
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
  } finally {
    vi.useRealTimers();
  }
});

// Red when: the error overtakes items before it, or is thrown twice; leaving waits for the source.
test("batches() emits the items before an error first, and closes the source when it is left [IO-012]", async () => {
  const failure = new Error("disk");
  const failing = batches(
    (async function* () {
      yield 1;
      yield 2;
      throw failure;
    })(),
    { size: 5 },
  );
  expect(await failing.next()).toEqual({ done: false, value: [1, 2] });
  expect(await rejection(failing.next())).toBe(failure);
  expect(await failing.next()).toEqual({ done: true, value: undefined });

  const { reader, writer } = pipe();
  const left = batches(reader, { size: 2 });
  const waiting = left.next();
  await settle();
  await left.return?.();
  expect(await waiting).toEqual({ done: true, value: undefined });
  expect(await rejection(writer.write(sequence(1)))).toMatchObject({
    code: "ERR_CLOSED_PIPE",
    side: "reader",
  });
  const { values, end } = record(
    readEach(batches(fromIterableLines(), { size: 2 }), async (batch) => batch.join()),
  );
  await settle();
  expect([values, end]).toEqual([["a,b", "c"], ["complete"]]);
});

function fromIterableLines(): AsyncIterable<string> {
  return lines(fromIterable(["a\nb\n", "c"]));
}
