import { concat, fromIterable, pipe, type Reader, readAll, readText } from "@pipe512/core";
import { expectWhole, sequence } from "@pipe512/testing/bytes";
import { rejection, thrown, watch } from "@pipe512/testing/promises";
import { settle } from "@pipe512/testing/turns";
import { describe, expect, test } from "vitest";
import { cut, PlainReader } from "./plain-ends.ts";

const readers = (...afterwards: Array<"end" | "stall" | { error: unknown }>): PlainReader[] =>
  afterwards.map((after, index) => new PlainReader(cut(sequence(1000, index * 1000), 300), after));

describe("one after the other", () => {
  // Red when: a reader is skipped or read twice; or the end of one reader ends the whole.
  test("concat() reads arrays, sets, generators and async generators of readers to their ends [IO-004]", async () => {
    const kinds: Array<(all: PlainReader[]) => Iterable<Reader> | AsyncIterable<Reader>> = [
      (all) => all,
      (all) => new Set(all),
      function* (all) {
        yield* all;
      },
      async function* (all) {
        yield* all;
      },
    ];
    for (const of of kinds) expectWhole(await readAll(concat(of(readers("end", "end", "end")))), 3000);
    expect(await readText(concat([]))).toBe("");
  });

  // Red when: the next reader is opened before the previous one has ended.
  test("concat() pulls a reader from a generator only when it reads it [IO-004]", async () => {
    const opened: number[] = [];
    const all = concat(
      (async function* () {
        for (const n of [1, 2]) {
          opened.push(n);
          yield fromIterable([`${n}`]);
        }
      })(),
    );
    await settle();
    expect(opened).toEqual([]);
    await all.read(new Uint8Array(9));
    expect(opened).toEqual([1]);
    expect(await readText(all)).toBe("2");
  });
});

describe("failure and close", () => {
  // Red when: readers that were not reached stay open; or readers that were read to the end are closed.
  test("concat() closes the readers that were not reached with the error of the one that fails [IO-004]", async () => {
    const error = new Error("disk");
    const all = readers("end", { error }, "end", "end");
    const joined = concat(all);
    expect(await rejection(readAll(joined))).toBe(error);
    expect(all.map(({ closings }) => closings)).toEqual([[], [[error]], [[error]], [[error]]]);
    expect(await rejection(joined.read(new Uint8Array(1)))).toBe(error);
  });

  // Red when: a close reaches only the current reader; or a read stays pending.
  test("concat() closed while a read waits closes all that were not reached [IO-004]", async () => {
    const all = readers("stall", "end", "end");
    const joined = concat(all);
    const reading = watch(readAll(joined));
    await settle();
    joined.close();
    await settle();
    expect(reading.reason).toMatchObject({ code: "ERR_CLOSED_PIPE", side: "reader" });
    expect(all.map(({ closings }) => closings)).toEqual([[[]], [[]], [[]]]);
  });

  // Red when: the remaining readers of a generator are opened only to be closed; or its finally block does not run.
  test("concat() closes its generator when it is closed, and opens no further reader [IO-004]", async () => {
    const error = new Error("disk");
    const opened: number[] = [];
    let left = false;
    const joined = concat(
      (function* () {
        try {
          for (let n = 0; ; n++) {
            opened.push(n);
            yield new PlainReader([], { error });
          }
        } finally {
          left = true;
        }
      })(),
    );
    expect(await rejection(readAll(joined))).toBe(error);
    expect([opened, left]).toEqual([[0], true]);
  });

  // Red when: the iterator's error is replaced by another object, or is delayed.
  test("concat() rejects with the same error that an iterator throws, and with a TypeError for an item that is not a Reader [IO-004]", async () => {
    const fails = concat(
      (async function* (): AsyncGenerator<Reader> {
        yield fromIterable(["a"]);
        throw 0;
      })(),
    );
    expect(await rejection(readAll(fails))).toBe(0);
    const later = readers("end");
    const strange = concat(new Set([fromIterable(["a"]), "b" as unknown as Reader, ...later]));
    expect(await rejection(readAll(strange))).toBeInstanceOf(TypeError);
    expect(later[0]?.closings.length).toBe(1);
    const source = new PlainReader([]);
    expect(thrown(() => concat([source, ["c"] as unknown as Reader]))).toMatchObject({
      message: expect.stringContaining("readers[1] must be a Reader"),
    });
    expect(source.closings).toEqual([]);
    expect(thrown(() => concat(5 as unknown as Reader[]))).toBeInstanceOf(TypeError);
  });

  // Red when: a read that is aborted while the next reader is opened loses that reader; or a reader that arrives after the close stays open.
  test("concat() keeps the reader that an aborted read has pulled, and closes one that comes after its close [IO-004]", async () => {
    for (const closes of [false, true]) {
      const { promise, resolve } = Promise.withResolvers<Reader>();
      const asked: Array<Promise<Reader>> = [promise, new Promise(() => {})];
      const joined = concat({
        [Symbol.asyncIterator]: () => ({
          next: async () => ({ done: false, value: await (asked.shift() as Promise<Reader>) }),
        }),
      });
      const controller = new AbortController();
      const reading = watch(joined.read(new Uint8Array(9), { signal: controller.signal }));
      await settle();
      controller.abort(0);
      await settle();
      expect(reading).toMatchObject({ state: "rejected", reason: 0 });
      if (closes) joined.close();
      const late = new PlainReader([sequence(5)]);
      resolve(late);
      await settle();
      if (closes) expect(late.closings).toEqual([[]]);
      else expect(await joined.read(new Uint8Array(9))).toBe(5);
    }
  });

  // Red when: the signal is not passed to the read of the current reader.
  test("concat() aborted while it reads goes on with the next read [IO-004]", async () => {
    const { reader, writer } = pipe();
    const joined = concat([reader]);
    const controller = new AbortController();
    const reading = rejection(joined.read(new Uint8Array(9), { signal: controller.signal }));
    await settle();
    controller.abort(0);
    expect(await reading).toBe(0);
    await writer.write(sequence(5));
    expect(await joined.read(new Uint8Array(9))).toBe(5);
  });
});
