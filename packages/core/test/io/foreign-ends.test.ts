import {
  copy,
  fromIterable,
  lines,
  NoProgressError,
  type Reader,
  readAll,
  readerFrom,
  readFull,
  readText,
  type Writer,
  writerTo,
  writeText,
} from "@pipe512/core";
import { expectSequence, joined, sequence } from "@pipe512/testing/bytes";
import { rejection } from "@pipe512/testing/promises";
import { describe, expect, test } from "vitest";
import { cut, PlainReader, PlainWriter } from "./plain-ends.ts";

const nothing = (): void => {};

const timer = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

const methods = { close: nothing, closeWithError: nothing };

/** Values that are not a Reader, and the text that the message for each must contain. */
const noReaders: ReadonlyArray<readonly [string, unknown, string]> = [
  ["a Node stream", { pipe: nothing, on: nothing, read: nothing }, "fromReadable()"],
  ["a Web stream", { getReader: nothing, [Symbol.asyncIterator]: nothing }, "fromReadableStream()"],
  ["a Blob", { stream: nothing, arrayBuffer: nothing }, "fromReadableStream("],
  ["an array", [Uint8Array.of(1)], "fromIterable()"],
  ["a generator", (function* () {})(), "fromIterable()"],
  ["a string", "text", "fromIterable("],
  ["bytes", Uint8Array.of(1), "fromIterable("],
  ["a generator function", function* () {}, "readerFrom()"],
  ["a promise", Promise.resolve(), "await"],
  ["an Observable", { subscribe: nothing }, "fromObservable()"],
  ["both ends", { reader: {}, writer: {} }, "pass its reader"],
  ["null", null, "null"],
  ["undefined", undefined, "undefined"],
  ["a number", 5, "5"],
  ["an object without a prototype", Object.create(null), "an object"],
];

const noWriters: ReadonlyArray<readonly [string, unknown, string]> = [
  ["a Node stream", { write: nothing, on: nothing, end: nothing }, "fromWritable()"],
  ["a Web stream", { getWriter: nothing }, "fromWritableStream()"],
  ["a function", nothing, "writerTo()"],
  ["both ends", { reader: {}, writer: {} }, "pass its writer"],
  ["null", null, "null"],
  ["undefined", undefined, "undefined"],
];

const reads: ReadonlyArray<readonly [string, (reader: Reader) => Promise<unknown>]> = [
  ["readAll", (reader) => readAll(reader)],
  ["readText", (reader) => readText(reader)],
  ["readFull", (reader) => readFull(reader, new Uint8Array(1))],
  ["copy", (reader) => copy(reader, new PlainWriter())],
  [
    "lines",
    async (reader) => {
      for await (const _ of lines(reader));
    },
  ],
];

const writes: ReadonlyArray<readonly [string, (writer: Writer) => Promise<unknown>]> = [
  ["writeText", (writer) => writeText(writer, "x")],
  ["copy", (writer) => copy(new PlainReader([sequence(1)]), writer)],
];

describe("what is not an end", () => {
  for (const [helper, call] of reads) {
    // Red when: the helper does not check whether its argument is a Reader.
    test.for(noReaders)(
      `${helper}() rejects %s and names what to use [PIPE-064]`,
      async ([, given, advice]) => {
        const error = await rejection(call(given as Reader));
        expect(error).toBeInstanceOf(TypeError);
        expect(String(error)).toContain("reader must be a Reader");
        expect(String(error)).toContain(advice);
      },
    );
  }
  for (const [helper, call] of writes) {
    // Red when: the helper does not check whether its argument is a Writer.
    test.for(noWriters)(
      `${helper}() rejects %s and names what to use [PIPE-064]`,
      async ([, given, advice]) => {
        const error = await rejection(call(given as Writer));
        expect(error).toBeInstanceOf(TypeError);
        expect(String(error)).toContain("writer must be a Writer");
        expect(String(error)).toContain(advice);
      },
    );
  }

  // Red when: an array of bytes is taken for an iterable of items.
  test("fromIterable() rejects bytes at the call and names what to use [PIPE-064]", () => {
    expect(() => fromIterable(Uint8Array.of(1) as never)).toThrow("use fromIterable([value])");
  });

  // Red when: a message contains the whole value, regardless of its length.
  test("a message about a wrong value is one short line [PIPE-064]", async () => {
    const proxy = Proxy.revocable({}, {});
    proxy.revoke();
    for (const given of [
      new Uint8Array(1_000_000),
      "x".repeat(1_000_000),
      Array(1_000_000).fill(1),
      proxy.proxy,
    ]) {
      for (const call of [readAll(given as never), writeText(given as never, "x")]) {
        const message = String(await rejection(call));
        expect(message).not.toContain("\n");
        expect(message.length).toBeLessThan(200);
      }
    }
  });
});

/** A writer that accepts at most `most` bytes per call, as Deno's files may. */
class ShortWriter extends PlainWriter {
  readonly #most: number;

  constructor(most: number) {
    super();
    this.#most = most;
  }

  override async write(bytes: Uint8Array): Promise<number> {
    return super.write(bytes.subarray(0, this.#most));
  }
}

describe("a writer that accepts a part", () => {
  // Red when: the rest of a short write is not written again.
  test.for([1, 511, 512, 513])(
    "copy() and writeText() write the rest again where %i bytes are accepted [PIPE-065]",
    async (most) => {
      const copied = new ShortWriter(most);
      expect(await copy(new PlainReader(cut(sequence(1033), 700)), copied)).toBe(1033);
      expectSequence(joined(copied.written));
      const written = new ShortWriter(most);
      const progress = { bytes: 0 };
      expect(await writeText(written, "ab".repeat(600), { progress })).toBe(1200);
      expect(progress.bytes).toBe(1200);
      expect(new TextDecoder().decode(joined(written.written))).toBe("ab".repeat(600));
    },
  );

  // Red when: a count is not validated.
  test.for([[undefined], [-1], [1.5], [Number.NaN], [4], ["3"], [null]])(
    "copy() and writeText() reject a count of %o for 3 bytes [PIPE-065]",
    async ([count]) => {
      const writer = { ...methods, write: async () => count } as unknown as Writer;
      expect(await rejection(copy(fromIterable(["abc"]), writer))).toBeInstanceOf(TypeError);
      expect(await rejection(writeText(writer, "abc"))).toBeInstanceOf(TypeError);
    },
  );

  // Red when: a writer that accepts nothing is called for ever.
  test("writeText() rejects with ERR_NO_PROGRESS where nothing is accepted 100 times in a row [PIPE-065]", async () => {
    let calls = 0;
    const writer: Writer = {
      ...methods,
      async write() {
        calls += 1;
        return 0;
      },
    };
    expect(await rejection(writeText(writer, "abc"))).toMatchObject({
      code: "ERR_NO_PROGRESS",
      message:
        "Cannot write: write() returned 0 bytes 100 times in a row; it must wait until it can move a byte",
    });
    expect(calls).toBeGreaterThanOrEqual(100);
    expect(calls).toBeLessThan(1000); // The event loop may run in between.
  });

  // Red when: the progress counts only the last call, or omits the bytes that a failed call had moved.
  test("writeText() counts every call of a short write that fails [PIPE-065]", async () => {
    const error = new Error("disk");
    let calls = 0;
    const writer: Writer = {
      ...methods,
      async write() {
        calls += 1;
        if (calls === 3) throw error;
        return 2;
      },
    };
    const progress = { bytes: 0 };
    expect(await rejection(writeText(writer, "abcdefgh", { progress }))).toBe(error);
    expect(progress.bytes).toBe(4);
  });
});

describe("a reader that answers 0", () => {
  for (const [helper, call] of reads) {
    // Red when: empty answers are not counted.
    test(`${helper}() rejects with ERR_NO_PROGRESS after 100 of them in a row [PIPE-065]`, async () => {
      let calls = 0;
      const reader: Reader = {
        ...methods,
        async read() {
          calls += 1;
          return 0;
        },
      };
      const error = await rejection(call(reader));
      expect(error).toBeInstanceOf(NoProgressError);
      expect(error).toMatchObject({ code: "ERR_NO_PROGRESS" });
      expect(calls).toBeGreaterThanOrEqual(100);
      expect(calls).toBeLessThan(1000); // The event loop may run in between.
    });

    // Red when: a count is not validated.
    test.for([[undefined], [-1], [0.5], [Number.NaN], [1e9], ["1"], [true]])(
      `${helper}() rejects a count of %o with a TypeError [PIPE-065]`,
      async ([count]) => {
        const reader = { ...methods, read: async () => count } as unknown as Reader;
        expect(await rejection(call(reader))).toBeInstanceOf(TypeError);
      },
    );
  }

  // Red when: the count is not reset by an iteration of the event loop, or by bytes that arrive.
  test("readAll() takes any number of empty answers where the event loop turns, or bytes come in between [PIPE-065]", async () => {
    let calls = 0;
    const slow: Reader = {
      ...methods,
      async read(into) {
        calls += 1;
        if (calls % 50 === 0) await timer();
        if (calls === 350) into[0] = 7;
        return calls < 350 ? 0 : calls === 350 ? 1 : null;
      },
    };
    expect(await readAll(slow)).toEqual(Uint8Array.of(7));
    calls = 0;
    const rare: Reader = {
      ...methods,
      async read() {
        calls += 1;
        return calls === 1000 ? null : calls % 60 === 0 ? 1 : 0;
      },
    };
    expect((await readAll(rare)).length).toBe(16);
  });
});

describe("wrong producers and consumers", () => {
  // Red when: the result of a producer is not validated.
  test.for([["text"], [Uint8Array.of(1)], [["a", "b"]]])(
    "readerFrom() rejects the reads where the producer returns %o and writes nothing [PIPE-064]",
    async ([result]) => {
      const error = await rejection(readAll(readerFrom(() => result)));
      expect(error).toBeInstanceOf(TypeError);
      expect(String(error)).toContain("write it to the writer");
    },
  );

  // Red when: the call accepts any value and fails later.
  test.for([[undefined], [[]], [{}], [fromIterable([])]])(
    "readerFrom() and writerTo() throw at the call for %o [PIPE-064]",
    ([given]) => {
      expect(() => readerFrom(given as never)).toThrow("produce must be a function");
      expect(() => writerTo(given as never)).toThrow("consume must be a function");
    },
  );

  // Red when: a generator that a consumer returns is used as its result.
  test("writerTo() rejects a generator function, whose code would never run [PIPE-064]", async () => {
    for (const consume of [function* () {}, async function* () {}]) {
      expect(String(await rejection(writerTo(consume as never).result))).toContain("generator function");
    }
  });
});
