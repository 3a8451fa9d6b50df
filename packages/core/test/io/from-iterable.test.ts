import { getEventListeners } from "node:events";
import { fromIterable, readAll, readText } from "@pipe512/core";
import { expectSequence, sequence } from "@pipe512/testing/bytes";
import { rejection, thrown, watch } from "@pipe512/testing/promises";
import { pending, settle } from "@pipe512/testing/turns";
import { unhandled } from "@pipe512/testing/unhandled";
import { describe, expect, test } from "vitest";
import { drain } from "../support/drain.ts";
import { cut } from "./plain-ends.ts";

/** A source that the test controls: it yields an item when the test calls for it, and records the calls of next(). */
class Source implements AsyncIterable<Uint8Array | string> {
  readonly calls: string[] = [];
  readonly #answers: Array<PromiseWithResolvers<IteratorResult<unknown>>> = [];

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array | string> {
    return {
      next: () => {
        this.calls.push("next");
        const answer = Promise.withResolvers<IteratorResult<unknown>>();
        this.#answers.push(answer);
        return answer.promise as Promise<IteratorResult<Uint8Array | string>>;
      },
      return: async () => {
        this.calls.push("return");
        return { done: true, value: undefined };
      },
    };
  }

  /** Answers the oldest pending call of next(). */
  async yield(value: unknown): Promise<void> {
    await settle();
    this.#answers.shift()?.resolve({ done: false, value });
    await settle();
  }

  async end(): Promise<void> {
    await settle();
    this.#answers.shift()?.resolve({ done: true, value: undefined });
    await settle();
  }

  async fail(error: unknown): Promise<void> {
    await settle();
    this.#answers.shift()?.reject(error);
    await settle();
  }
}

async function* later<T>(items: Iterable<T>): AsyncGenerator<T> {
  for (const item of items) {
    await settle(1);
    yield item;
  }
}

const closedReader = { code: "ERR_CLOSED_PIPE", side: "reader", operation: "read" };

describe("what is read", () => {
  const sizes = [1, 511, 512, 513, 1024, 1033];
  const rows = sizes.flatMap((size) => sizes.map((length) => [size, length] as const));

  // Red when: the rest of an item is dropped; or the array is filled from the beginning of the item again.
  test.for(rows)(
    "fromIterable() gives items of %i bytes to reads of %i, in order [PIPE-075]",
    async ([size, length]) => {
      const reader = fromIterable(cut(sequence(5000), size));
      const received = await drain(reader, length);
      expect(received.length).toBe(5000);
      expectSequence(received);
      expect(await reader.read(new Uint8Array(1))).toBe(null);
    },
  );

  // Red when: the promise of an async source is not awaited.
  test("fromIterable() reads sync and async sources, arrays and generators [PIPE-075]", async () => {
    const items = [...cut(sequence(1033), 100)];
    for (const source of [items, cut(sequence(1033), 100), later(items), new Set(items)]) {
      expectSequence(await readAll(fromIterable(source)));
    }
    expect((await readAll(fromIterable([]))).length).toBe(0);
  });

  // Red when: strings are rejected; or an empty item counts as the end.
  test("fromIterable() reads strings as UTF-8 and skips empty items [PIPE-075]", async () => {
    const items = ["", "smör", "", new Uint8Array(0), "gås", Uint8Array.of(33), "", "\ud83d", ""];
    expect(await readText(fromIterable(items))).toBe("smörgås!\ufffd");
    expect(await readText(fromIterable(later(items)))).toBe("smörgås!\ufffd");
    expect(await fromIterable(items).read(new Uint8Array(10))).toBe(5);
  });

  // Red when: an item is pulled when the reader is made, or one item too early.
  test("fromIterable() pulls an item only when a read finds no bytes left [PIPE-075]", async () => {
    const source = new Source();
    const reader = fromIterable(source);
    await settle();
    expect(source.calls).toEqual([]);
    const reading = reader.read(new Uint8Array(10));
    await source.yield(sequence(15));
    expect(await reading).toBe(10);
    await settle();
    expect(source.calls).toEqual(["next"]);
    const rest = new Uint8Array(10);
    expect(await reader.read(rest)).toBe(5);
    expectSequence(rest.subarray(0, 5), 10);
    await settle();
    expect(source.calls).toEqual(["next"]);
  });

  // Red when: each read pulls an item of its own.
  test("fromIterable() serves reads that wait at once in their order, one item at a time [PIPE-075]", async () => {
    const source = new Source();
    const reader = fromIterable(source);
    const arrays = [new Uint8Array(10), new Uint8Array(10), new Uint8Array(10), new Uint8Array(10)];
    const reads = arrays.map((into) => watch(reader.read(into)));
    await settle();
    expect(source.calls).toEqual(["next"]);
    await source.yield(sequence(12));
    expect(reads.map((read) => read.value)).toEqual([10, 2, undefined, undefined]);
    await source.yield(sequence(5, 12));
    await source.end();
    expect(reads.map((read) => read.value)).toEqual([10, 2, 5, null]);
    expectSequence(arrays[0]?.subarray(0, 10) as Uint8Array);
    expectSequence(arrays[1]?.subarray(0, 2) as Uint8Array, 10);
    expectSequence(arrays[2]?.subarray(0, 5) as Uint8Array, 12);
  });

  // Red when: a read into 0 bytes waits for an item, or takes the end without reporting it.
  test("fromIterable() answers a read into 0 bytes at once: 0, and null at the end [PIPE-075] [PIPE-009]", async () => {
    const source = new Source();
    const reader = fromIterable(source);
    const reading = watch(reader.read(new Uint8Array(10)));
    expect(await reader.read(new Uint8Array(0))).toBe(0);
    await source.end();
    expect(reading.value).toBe(null);
    expect(await reader.read(new Uint8Array(0))).toBe(null);
  });

  // Red when: reads that need not wait never let the event loop run.
  test("fromIterable() lets other work run while a source that never waits is read [PIPE-075] [PIPE-040]", async () => {
    function* endless(): Generator<Uint8Array> {
      for (const bytes = sequence(1033); ; ) yield bytes;
    }
    const reader = fromIterable(endless());
    const into = new Uint8Array(512);
    let hadTurn = false;
    void settle(1).then(() => {
      hadTurn = true;
    });
    for (let reads = 0; !hadTurn && reads < 500_000; reads++) await reader.read(into);
    expect(hadTurn).toBe(true);
  });

  // Red when: the progress keeps the value that the caller passed in.
  test("fromIterable() keeps progress [PIPE-075] [PIPE-015]", async () => {
    const reader = fromIterable([sequence(7)]);
    const progress = { bytes: 99 };
    await reader.read(new Uint8Array(10), { progress });
    expect(progress.bytes).toBe(7);
    await reader.read(new Uint8Array(10), { progress });
    expect(progress.bytes).toBe(0);
  });
});

describe("closing", () => {
  // Red when: return() is not called, or later reads call it again; or the last close counts.
  test("fromIterable() calls return() once when it is closed, and drops the rest [PIPE-075]", async () => {
    const source = new Source();
    const reader = fromIterable(source);
    const reading = reader.read(new Uint8Array(10));
    await source.yield(sequence(15));
    await reading;
    reader.close();
    reader.close();
    reader.closeWithError(new Error("late"));
    expect(source.calls).toEqual(["next", "return"]);
    const error = await rejection(reader.read(new Uint8Array(10)));
    expect(error).toMatchObject(closedReader);
    expect(error).not.toHaveProperty("cause"); // The first close counts. It had no error.
    expect(await rejection(reader.read(new Uint8Array(0)))).toMatchObject(closedReader);
    expect(source.calls).toEqual(["next", "return"]);
  });

  // Red when: return() is called only if an item was pulled before.
  test("fromIterable() calls return() also where nothing was read [PIPE-075]", () => {
    const source = new Source();
    fromIterable(source).close();
    expect(source.calls).toEqual(["return"]);
  });

  // Red when: a pending read waits for the source; or return() is called only after the source has answered.
  test("fromIterable() closed while reads wait for a source that never answers rejects them at once [PIPE-075]", async () => {
    const source = new Source();
    const reader = fromIterable(source);
    const reads = [1, 2, 3].map(() => watch(reader.read(new Uint8Array(10))));
    await settle();
    const error = new Error("enough");
    reader.closeWithError(error);
    expect(source.calls).toEqual(["next", "return"]);
    await settle();
    const rejected = { state: "rejected", reason: { ...closedReader, cause: error } };
    expect(reads).toMatchObject([rejected, rejected, rejected]);
  });

  // Red when: an answer that arrives after the close is read.
  test("fromIterable() drops an item that comes after the close [PIPE-075]", async () => {
    const source = new Source();
    const reader = fromIterable(source);
    const reading = watch(reader.read(new Uint8Array(10)));
    await settle();
    reader.close();
    await source.yield(sequence(10));
    expect(reading.reason).toMatchObject(closedReader);
    expect(await rejection(reader.read(new Uint8Array(10)))).toMatchObject(closedReader);
    expect(source.calls).toEqual(["next", "return"]);
  });

  // Red when: a close always calls return().
  test("fromIterable() does not call return() of a source that has ended or failed by itself [PIPE-075]", async () => {
    for (const settleSource of ["end", "fail"] as const) {
      const source = new Source();
      const reader = fromIterable(source);
      const reading = watch(reader.read(new Uint8Array(10)));
      await source[settleSource](0);
      expect(reading.state).not.toBe("pending");
      reader.close();
      expect(source.calls).toEqual(["next"]);
      expect(await rejection(reader.read(new Uint8Array(10)))).toMatchObject(closedReader);
    }
  });

  // Red when: an error that return() throws or rejects with is passed on.
  test("fromIterable() closes regardless of what return() does, and leaves no unhandled rejection [PIPE-075]", async () => {
    const reasons = await unhandled(() => {
      const next = (): Promise<never> => new Promise(() => {});
      const fails = [
        () => {
          throw new Error("no");
        },
        () => Promise.reject(new Error("no")),
        undefined,
      ];
      for (const leave of fails) {
        const iterator = { next, return: leave } as unknown as AsyncIterator<string>;
        fromIterable({ [Symbol.asyncIterator]: () => iterator }).close();
      }
    });
    expect(reasons).toEqual([]);
  });

  // Red when: the finally block of a generator does not run.
  test("fromIterable() lets a generator clean up when it is closed [PIPE-075]", async () => {
    const steps: string[] = [];
    function* source(): Generator<string> {
      try {
        yield "one";
        yield "two";
      } finally {
        steps.push("cleaned up");
      }
    }
    const reader = fromIterable(source());
    await reader.read(new Uint8Array(10));
    reader.close();
    expect(steps).toEqual(["cleaned up"]);
  });
});

describe("errors", () => {
  // Red when: the error is wrapped; or later reads return the end.
  test.for([[new Error("disk")], [undefined], [0]])(
    "fromIterable() rejects the read that meets the source's error, %o, with that error, and all later reads [PIPE-075]",
    async ([error]) => {
      function* failing(): Generator<string> {
        yield "one";
        throw error;
      }
      for (const source of [failing(), later(failing())]) {
        const reader = fromIterable(source);
        expect(await reader.read(new Uint8Array(10))).toBe(3);
        const reads = [reader.read(new Uint8Array(10)), reader.read(new Uint8Array(10))].map(rejection);
        for (const reason of await Promise.all(reads)) expect(reason).toBe(error);
        expect(await rejection(reader.read(new Uint8Array(10)))).toBe(error);
      }
    },
  );

  // Red when: a value that is neither bytes nor a string is converted; or return() is not called.
  test.for([
    [42, "42"],
    [null, "null"],
    [{}, "an object"],
    [new Uint16Array(2), "an instance of Uint16Array"],
    [[1, 2], "an array"],
  ] as const)(
    "fromIterable() rejects with a TypeError for the item %o and calls return() [PIPE-075]",
    async ([item, name]) => {
      const source = new Source();
      const reader = fromIterable(source);
      const reading = watch(reader.read(new Uint8Array(10)));
      await source.yield(item);
      expect(reading.reason).toBeInstanceOf(TypeError);
      expect((reading.reason as TypeError).message).toContain(`Cannot read ${name} from an iterable`);
      expect(source.calls).toEqual(["next", "return"]);
      expect(await rejection(reader.read(new Uint8Array(10)))).toBe(reading.reason);
      reader.close();
      expect(source.calls).toEqual(["next", "return"]);
    },
  );

  // Red when: a value that is not iterable is rejected only by the first read.
  test.for([[undefined], [null], [42], [{}]])(
    "fromIterable() throws a TypeError for %o [PIPE-075]",
    ([source]) => {
      expect(thrown(() => fromIterable(source as string[]))).toBeInstanceOf(TypeError);
    },
  );

  // Red when: the array is validated only when there are bytes.
  test("fromIterable() rejects a read into a value that is not a Uint8Array with a TypeError, and pulls no item [PIPE-075] [PIPE-060]", async () => {
    const source = new Source();
    const reader = fromIterable(source);
    expect(await rejection(reader.read([] as unknown as Uint8Array))).toBeInstanceOf(TypeError);
    expect(source.calls).toEqual([]);
  });
});

describe("the signal", () => {
  // Red when: an aborted signal is checked only if the read has to wait.
  test("fromIterable() given an aborted signal takes no byte, even if some are there [PIPE-075] [PIPE-030]", async () => {
    const source = new Source();
    const reader = fromIterable(source);
    const reading = reader.read(new Uint8Array(1));
    await source.yield(sequence(3));
    await reading;
    const progress = { bytes: 99 };
    const signal = AbortSignal.abort(0);
    expect(await rejection(reader.read(new Uint8Array(10), { signal, progress }))).toBe(0);
    expect(progress.bytes).toBe(0);
    const into = new Uint8Array(10);
    expect(await reader.read(into)).toBe(2);
    expectSequence(into.subarray(0, 2), 1);
  });

  // Red when: the item that the aborted read has pulled is dropped, or pulled again.
  test("fromIterable() loses no item when the read that waits for it is aborted [PIPE-075] [PIPE-031]", async () => {
    const source = new Source();
    const reader = fromIterable(source);
    const controller = new AbortController();
    const { signal } = controller;
    const aborted = [
      watch(reader.read(new Uint8Array(10), { signal })),
      watch(reader.read(new Uint8Array(10), { signal })),
    ];
    const into = new Uint8Array(10);
    const next = watch(reader.read(into));
    await settle();
    controller.abort(0);
    await settle();
    const rejected = { state: "rejected", reason: 0 };
    expect(aborted).toMatchObject([rejected, rejected]);
    expect(next.state).toBe("pending");
    await source.yield(sequence(7));
    expect(next.value).toBe(7);
    expectSequence(into.subarray(0, 7));
    expect(source.calls).toEqual(["next"]);
  });

  // Red when: an aborted read delays the others; or the item goes to the aborted read.
  test("fromIterable() keeps an item that comes after the abort for the next read [PIPE-075] [PIPE-031]", async () => {
    const source = new Source();
    const reader = fromIterable(source);
    const controller = new AbortController();
    const aborted = reader.read(new Uint8Array(10), { signal: controller.signal });
    expect(await pending(aborted)).toBe(true);
    controller.abort(0);
    expect(await rejection(aborted)).toBe(0);
    await source.yield(sequence(7));
    expect(await reader.read(new Uint8Array(10))).toBe(7);
    expect(source.calls).toEqual(["next"]);
  });

  // Red when: a read does not remove its listener from the signal.
  test("fromIterable() leaves no listener on a signal [PIPE-075] [PIPE-032]", async () => {
    const { signal } = new AbortController();
    const listeners = (): number => getEventListeners(signal, "abort").length;
    const reader = fromIterable(later(cut(sequence(100), 1)));
    const into = new Uint8Array(10);
    let most = 0;
    for (let count: number | null = 0; count !== null; ) {
      const reads = [reader.read(into, { signal }), reader.read(into, { signal })];
      most = Math.max(most, listeners());
      count = (await Promise.all(reads)).at(-1) ?? null;
      expect(listeners()).toBe(0);
    }
    expect(most).toBe(1); // The calls share one listener (PIPE-067).
  });
});
