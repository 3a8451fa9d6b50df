import {
  fromIterable,
  pipe,
  type Reader,
  readAll,
  readerFrom,
  readFull,
  readText,
  type Writer,
  writerTo,
  writeText,
} from "@pipe512/core";
import { writeWhole } from "@pipe512/core/adapter";
import { rejection } from "@pipe512/testing/promises";
import { describe, expect, test } from "vitest";

const revoked = (): object => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
};

const streams: ReadonlyArray<readonly [string, () => unknown, reader: string, writer: string]> = [
  ["an array", () => [new Uint8Array(1)], "an array: use fromIterable()", "an array"],
  ["a large array", () => Array.from({ length: 1e6 }, () => 0), "an array: use fromIterable()", "an array"],
  [
    "bytes",
    () => new Uint8Array(1e6),
    "an instance of Uint8Array: use fromIterable([value])",
    "an instance of Uint8Array",
  ],
  [
    "a long string",
    () => "x".repeat(1e6),
    "a string: use fromIterable([value])",
    "a string of 1000000 characters",
  ],
  ["a generator", () => (function* () {})(), "use fromIterable()", ""],
  ["an async generator", () => (async function* () {})(), "use fromIterable()", ""],
  [
    "a generator function",
    () => function* () {},
    "a function: use readerFrom()",
    "a function: use writerTo()",
  ],
  ["a promise", () => Promise.resolve(), "a promise: await it first", "a promise: await it first"],
  [
    "both ends",
    () => pipe(),
    "an object with a reader: pass its reader",
    "an object with a writer: pass its writer",
  ],
  ["an object without prototype", () => Object.create(null), "an object", "an object"],
  ["a revoked proxy", revoked, "an object", "an object"],
  ["null", () => null, "null", "null"],
  ["a symbol", () => Symbol("x"), "a symbol", "a symbol"],
  ["a writer", () => pipe().writer, "an instance of PipeWriter", ""],
  ["a reader", () => pipe().reader, "", "an instance of PipeReader"],
  [
    "a Web stream",
    () => new ReadableStream(),
    "a Web stream: use fromReadableStream() of @pipe512/web",
    "an instance of ReadableStream",
  ],
  [
    "a Blob",
    () => new Blob(["x"]),
    "an instance of Blob: use fromReadableStream(value.stream())",
    "an instance of Blob",
  ],
  [
    "a response",
    () => new Response("x"),
    "an instance of Response: use fromReadableStream(value.body)",
    "an instance of Response",
  ],
];

const readings = {
  readAll: (value: never) => readAll(value),
  readText: (value: never) => readText(value),
  readFull: (value: never) => readFull(value, new Uint8Array(1)),
};

describe("what is not a Reader or a Writer", () => {
  // Red when: a helper calls read() of its argument without validating it.
  test.for(streams.filter(([, , reader]) => reader !== ""))(
    "readAll(), readText() and readFull() throw a TypeError of one line for %s [PIPE-064]",
    async ([, make, advice]) => {
      for (const read of Object.values(readings)) {
        const error = (await rejection(read(make() as never))) as Error;
        expect(error).toBeInstanceOf(TypeError);
        expect(error.message).toContain(
          "reader must be a Reader, with read(), close() and closeWithError(); got ",
        );
        expect(error.message).toContain(advice);
        expect(error.message.length).toBeLessThan(160);
      }
    },
  );

  // Red when: writeText() calls write() of its argument without validating it.
  test.for(streams.filter(([, , , writer]) => writer !== ""))(
    "writeText() throws a TypeError of one line for %s [PIPE-064]",
    async ([, make, , advice]) => {
      const error = (await rejection(writeText(make() as never, "x"))) as Error;
      expect(error).toBeInstanceOf(TypeError);
      expect(error.message).toContain(
        "writer must be a Writer, with write(), close() and closeWithError(); got ",
      );
      expect(error.message).toContain(advice);
      expect(error.message.length).toBeLessThan(160);
    },
  );

  // Red when: an array of bytes is accepted as an iterable of numbers; or the message is only the text of the value.
  test("fromIterable(), readerFrom(), writerTo() and writeText() name what they were given [PIPE-064]", async () => {
    const iterable = "source must be an iterable of Uint8Array or strings; got ";
    expect(() => fromIterable(new Uint8Array(9) as never)).toThrow(
      `${iterable}an instance of Uint8Array: use fromIterable([value])`,
    );
    expect(() => fromIterable(Object.create(null) as never)).toThrow(`${iterable}an object`);
    expect(() => fromIterable(revoked() as never)).toThrow(`${iterable}an object`);
    expect(() => fromIterable((() => []) as never)).toThrow(`${iterable}a function: use readerFrom()`);
    expect(() => readerFrom([] as never)).toThrow(
      "produce must be a function; got an array: use fromIterable()",
    );
    expect(() => writerTo(pipe().writer as never)).toThrow(
      "consume must be a function; got an instance of PipeWriter",
    );
    const { writer } = pipe();
    expect(await rejection(writeText(writer, 5 as never))).toEqual(
      new TypeError("text must be a string; got 5"),
    );
    expect(await rejection(writeText(writer, [["x"]] as never))).toEqual(
      new TypeError("text must be a string; got an array"),
    );
  });

  // Red when: a detached item counts as an empty item.
  test("fromIterable() rejects at an array that was detached, and leaves its source [PIPE-064]", async () => {
    let left = false;
    const reader = fromIterable(
      (function* () {
        try {
          const bytes = new Uint8Array(4);
          structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
          yield bytes;
        } finally {
          left = true;
        }
      })(),
    );
    expect(await rejection(readAll(reader))).toMatchObject({
      name: "TypeError",
      message: "Cannot read an array that was detached or shrunk: pass one that still has its memory",
    });
    expect(left).toBe(true);
  });
});

const answering = (answer: unknown): Reader => ({
  read: async () => answer as number,
  close() {},
  closeWithError() {},
});

describe("what foreign ends answer", () => {
  // Red when: a count is added without validation.
  test.for([[undefined], [Number.NaN], [-1], [1.5], ["3"], [1e9], [{}]])(
    "readAll() and readFull() reject with a TypeError when read() answers %o [PIPE-065]",
    async ([answer]) => {
      for (const read of Object.values(readings)) {
        const error = (await rejection(read(answering(answer) as never))) as Error;
        expect(error).toBeInstanceOf(TypeError);
        expect(error.message).toMatch(
          /^Cannot continue after read\(\) of \d+ bytes returned .*: it must return an integer from 0 to \d+$/,
        );
      }
    },
  );

  // Red when: a helper reads for ever; or the 99th answer of 0 is rejected.
  test("readAll() and readFull() end with ERR_NO_PROGRESS at the 100th answer of 0, and not before [PIPE-065]", async () => {
    for (const read of Object.values(readings)) {
      let reads = 0;
      const never = { ...answering(0), read: async () => (reads++, 0) };
      expect(await rejection(read(never as never))).toMatchObject({
        name: "NoProgressError",
        code: "ERR_NO_PROGRESS",
      });
      expect(reads).toBeGreaterThanOrEqual(100);
      expect(reads).toBeLessThan(300); // Each iteration of the event loop resets the count.
    }
    let reads = 0;
    const late: Reader = {
      ...answering(0),
      read: async (into) => {
        reads += 1;
        if (reads > 300) return null;
        if (reads % 100 !== 0) return 0;
        into[0] = 7;
        return 1;
      },
    };
    expect(await readAll(late)).toEqual(Uint8Array.of(7, 7, 7));
  });

  /** Accepts at most `most` bytes per write. */
  const short = (most: number): Writer & { taken: number[] } => {
    const taken: number[] = [];
    return {
      taken,
      write: async (bytes) => {
        const part = bytes.subarray(0, most);
        taken.push(...part);
        return part.length;
      },
      close() {},
      closeWithError() {},
    };
  };

  // Red when: the rest of a short write is lost.
  test("writeText() and writeWhole() write the rest of what a Writer leaves [PIPE-065]", async () => {
    const writer = short(3);
    const progress = { bytes: 0 };
    expect(await writeText(writer, "smörgåsbord", { progress })).toBe(13);
    expect(progress.bytes).toBe(13);
    expect(new TextDecoder().decode(Uint8Array.from(writer.taken))).toBe("smörgåsbord");
    const whole = short(512);
    expect(await writeWhole(whole, new Uint8Array(1033))).toBe(1033);
    expect(whole.taken.length).toBe(1033);
  });

  // Red when: the count of a write is not validated; or an abort does not end a writer's short writes when the writer ignores signals.
  test("writeText() rejects with a TypeError at a wrong count, and an abort ends short writes [PIPE-065]", async () => {
    for (const answer of [undefined, Number.NaN, -1, 0.5, 99, "5"]) {
      const writer = { ...short(1), write: async () => answer as number };
      expect(await rejection(writeText(writer, "hello"))).toMatchObject({ name: "TypeError" });
    }
    const aborting = new AbortController();
    const writer = short(1);
    const write = writer.write.bind(writer);
    writer.write = (bytes) => {
      if (writer.taken.length === 2) aborting.abort("enough");
      return write(bytes);
    };
    const progress = { bytes: 0 };
    expect(await rejection(writeText(writer, "hello", { signal: aborting.signal, progress }))).toBe("enough");
    expect(progress.bytes).toBe(3);
    expect(await rejection(writeText({ ...short(0) }, "x"))).toMatchObject({ code: "ERR_NO_PROGRESS" });
  });
});
