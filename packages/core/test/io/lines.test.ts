import { lines, pipe, type Reader, writeText } from "@pipe512/core";
import { rejection, thrown, watch } from "@pipe512/testing/promises";
import { pending, settle } from "@pipe512/testing/turns";
import { afterEach, describe, expect, test, vi } from "vitest";
import { all } from "../support/all.ts";
import { cut, PlainReader } from "./plain-ends.ts";

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A minimal reader of `text`, in chunks of `size` bytes. */
const textReader = (text: string, size = 1033): PlainReader => new PlainReader(cut(utf8(text), size));

const MIB = 1_048_576;

/** Uses up the budget of the event loop, so that the next operation settles in a later iteration (PIPE-040). */
function useUpBudget(): void {
  const until = performance.now() + 50;
  while (performance.now() < until);
  const { reader, writer } = pipe();
  const byte = new Uint8Array(1);
  // More calls than the budget makes between two reads of the clock.
  for (let count = 0; count < 100; count += 1) {
    writer.tryWrite(byte);
    reader.tryRead(byte);
  }
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe("where lines end", () => {
  const texts: ReadonlyArray<readonly [text: string, expected: readonly string[]]> = [
    ["", []],
    ["\n", [""]],
    ["\r\n", [""]],
    ["one", ["one"]],
    ["one\n", ["one"]],
    ["one\r\n", ["one"]],
    ["one\ntwo", ["one", "two"]],
    ["one\r\n\r\n\ntwo\n", ["one", "", "", "two"]],
    ["a\rb\n", ["a\rb"]],
    ["a\r\r\nb", ["a\r", "b"]],
    ["\r", ["\r"]],
    ["one\r", ["one\r"]],
    ["smör\r\n漢字\n😀\n", ["smör", "漢字", "😀"]],
  ];
  const rows = texts.flatMap(([text, expected]) =>
    [1, 2, 3, 5, 1033].map((size) => [JSON.stringify(text), size, text, expected] as const),
  );

  // Red when: a CR that came in an earlier chunk than its LF stays in the line; or the last line is dropped if it has no terminator.
  test.for(rows)(
    "lines() splits %s correctly, in chunks of %i bytes [PIPE-073]",
    async ([, size, text, expected]) => {
      expect(await all(lines(textReader(text, size)))).toEqual(expected);
    },
  );

  // Red when: buffered bytes are moved to the front over the bytes of the current line.
  test("lines() yields lines of every length from 0 to 1033 out of a pipe [PIPE-073]", async () => {
    const { reader, writer } = pipe();
    const expected = Array.from({ length: 1034 }, (_, length) => `${length} ${"é".repeat(length)}`);
    const writing = writeText(writer, expected.map((line) => `${line}\r\n`).join("")).then(() =>
      writer.close(),
    );
    expect(await all(lines(reader))).toEqual(expected);
    await writing;
  });

  // Red when: the byte order mark is dropped from every line, or from none.
  test("lines() drops a byte order mark at the front of the text only [PIPE-073]", async () => {
    const text = "\ufeffone\n\ufefftwo\n";
    expect(await all(lines(textReader(text, 1)))).toEqual(["one", "\ufefftwo"]);
  });

  // Red when: each chunk causes the bytes of the line to be copied again, or searched from the beginning.
  test("lines() scans each byte of a long line only a few times, for any number of chunks [PIPE-073]", async () => {
    const reader = textReader(`short\n${"x".repeat(MIB)}\n`, 64);
    const indexOf = vi.spyOn(Uint8Array.prototype, "indexOf");
    const set = vi.spyOn(Uint8Array.prototype, "set");
    const copyWithin = vi.spyOn(Uint8Array.prototype, "copyWithin");
    const [, line] = await all(lines(reader));
    expect(line?.length).toBe(MIB);
    const sum = (lengths: number[]): number => lengths.reduce((total, length) => total + length, 0);
    expect(sum(indexOf.mock.contexts.map((bytes) => (bytes as Uint8Array).length))).toBeLessThan(1.1 * MIB);
    // The reader above copies the bytes once, and each growth of the buffer copies them again, on average at most twice.
    expect(sum(set.mock.calls.map(([bytes]) => bytes.length))).toBeLessThan(3.1 * MIB);
    expect(sum(copyWithin.mock.calls.map(([, from, to = 0]) => to - from))).toBeLessThan(0.1 * MIB);
  });
});

describe("the bound", () => {
  // Red when: the terminator counts towards maxBytes, or characters are counted and not bytes.
  test.for(["åå\n", "åå\r\n", "åå"])(
    "lines() takes %j where maxBytes is 4, byte by byte [PIPE-073]",
    async (text) => {
      expect(await all(lines(textReader(text, 1), { maxBytes: 4 }))).toEqual(["åå"]);
    },
  );

  // Red when: only terminated lines are measured, or only the unterminated last one; or a CR at the end of the stream counts as a terminator.
  test.for([
    ["ååx\n", 1],
    ["ååx\n", 1033],
    ["ååx\r\n", 1],
    ["ååx\r\n", 1033],
    ["ååx", 1],
    ["åå\r", 1],
    ["åå\r\r\n", 1],
  ] as const)(
    "lines() throws a RangeError that names the bound at %j, in chunks of %i bytes, after the lines before it [PIPE-073]",
    async ([text, size]) => {
      const reader = textReader(`one\n${text}`, size);
      const iterator = lines(reader, { maxBytes: 4 });
      expect(await iterator.next()).toEqual({ done: false, value: "one" });
      const error = await rejection(iterator.next());
      expect(error).toBeInstanceOf(RangeError);
      expect((error as RangeError).message).toBe("Cannot read a line of more than 4 bytes: raise maxBytes");
      expect(reader.closings).toEqual([[error]]);
      expect(await iterator.next()).toEqual({ done: true, value: undefined });
    },
  );

  // Red when: the length of a line is checked only at the end of the line.
  test("lines() throws as soon as a line is too long, without waiting for its end [PIPE-073]", async () => {
    const { reader, writer } = pipe();
    const iterator = lines(reader, { maxBytes: 1000 });
    const step = rejection(iterator.next());
    const writing = rejection(writer.write(new Uint8Array(100_000)));
    const error = await step;
    expect(error).toBeInstanceOf(RangeError);
    expect(await writing).toBe(error); // The writer's write rejects with the error, too.
  });

  // Red when: the default differs.
  test("lines() accepts a line of 1 MiB by default, and none that is a byte longer [PIPE-073]", async () => {
    const line = "x".repeat(MIB);
    expect(await all(lines(textReader(`${line}\n`, 65_536)))).toEqual([line]);
    expect(await rejection(lines(textReader(`${line}x\n`, 65_536)).next())).toBeInstanceOf(RangeError);
  });

  // Red when: the bound is not validated.
  test.for([
    [0, RangeError],
    [-1, RangeError],
    [1.5, RangeError],
    [Number.NaN, RangeError],
    ["9", TypeError],
  ] as const)("lines() throws at the call for maxBytes %o [PIPE-073]", ([maxBytes, type]) => {
    const reader = textReader("one\n");
    expect(thrown(() => lines(reader, { maxBytes: maxBytes as number }))).toBeInstanceOf(type);
    expect(reader.closings).toEqual([]);
  });
});

describe("leaving", () => {
  // Red when: return() does not close the reader.
  test("lines() closes the reader when the loop is left, so that the writer does not wait [PIPE-073]", async () => {
    const { reader, writer } = pipe();
    const writing = watch(writeText(writer, "line\n".repeat(20_000)));
    for await (const line of lines(reader)) {
      expect(line).toBe("line");
      break;
    }
    await settle();
    expect(writing.reason).toMatchObject({ code: "ERR_CLOSED_PIPE", side: "reader" });
  });

  // Red when: return() waits for the pending step, as that of a generator does.
  test("lines() can be left while a line is awaited: the step that waits is done [PIPE-073]", async () => {
    const { reader } = pipe();
    const iterator = lines(reader);
    const steps = [watch(iterator.next()), watch(iterator.next())];
    await settle();
    const left = watch(iterator.return?.() as Promise<unknown>);
    await settle();
    const done = { state: "fulfilled", value: { done: true, value: undefined } };
    expect([left, ...steps]).toMatchObject([done, done, done]);
    expect(await iterator.next()).toEqual(done.value);
  });

  // Red when: return() waits for the read; or the bytes of that read are still yielded.
  test("lines() can be left while a reader that ignores its close is read [PIPE-073]", async () => {
    let bring: (text: string) => void = () => {};
    const closings: string[] = [];
    const reader: Reader = {
      read: (into) =>
        new Promise((resolve) => {
          bring = (text) => resolve(new TextEncoder().encodeInto(text, into).written);
        }),
      close: () => closings.push("close"),
      closeWithError: () => closings.push("closeWithError"),
    };
    const iterator = lines(reader);
    const step = watch(iterator.next());
    await settle();
    expect(await pending(iterator.return?.() as Promise<unknown>)).toBe(false);
    expect(closings).toEqual(["close"]);
    bring("late\n");
    await settle();
    expect(step.value).toEqual({ done: true, value: undefined });
  });

  // Red when: the reader is closed at its end, too.
  test("lines() does not close a reader that has ended [PIPE-073]", async () => {
    const { reader, writer } = pipe();
    writer.close();
    expect(await all(lines(reader))).toEqual([]);
    expect(await reader.read(new Uint8Array(1))).toBe(null);
  });

  // Red when: reading begins at the call of lines().
  test("lines() reads nothing before the first next(), and no further than each next() needs [PIPE-073]", async () => {
    const reader = textReader("one\ntwo\nthree\n", 4);
    const iterator = lines(reader);
    await settle();
    expect(reader.asked.length).toBe(0);
    await iterator.next();
    await settle();
    expect(reader.asked.length).toBe(1);
  });

  // Red when: two steps read at the same time.
  test("lines() serves concurrent calls of next() in call order [PIPE-073]", async () => {
    const { reader, writer } = pipe();
    const iterator = lines(reader);
    const steps = Promise.all([iterator.next(), iterator.next(), iterator.next()]);
    await writeText(writer, "one\ntw");
    await writeText(writer, "o\n");
    writer.close();
    expect((await steps).map((step) => step.value)).toEqual(["one", "two", undefined]);
  });
});

describe("the end", () => {
  // Red when: only the steps that are pending when the end arrives are done.
  test("lines() is done also at a step that is taken while the iteration waits for its turn behind the end [PIPE-073]", async () => {
    const ends: Reader = {
      read: () =>
        new Promise((resolve) => {
          setTimeout(() => {
            useUpBudget();
            resolve(null);
          });
        }),
      close: () => {},
      closeWithError: () => {},
    };
    const iterator = lines(ends);
    const done = { done: true, value: undefined };
    expect(await iterator.next()).toEqual(done);
    expect(await iterator.next()).toEqual(done);
    expect(await iterator.next()).toEqual(done);
  });
});

describe("errors", () => {
  // Red when: the incomplete line before the error is yielded as a line.
  test.for([[new Error("disk")], [undefined], [0]])(
    "lines() throws the error of the reader, %o, after the whole lines before it [PIPE-073]",
    async ([error]) => {
      const { reader, writer } = pipe();
      await writeText(writer, "one\ntwo\nthr");
      writer.closeWithError(error);
      const iterator = lines(reader);
      expect((await iterator.next()).value).toBe("one");
      expect((await iterator.next()).value).toBe("two");
      expect(await rejection(iterator.next())).toBe(error);
      expect(await iterator.next()).toEqual({ done: true, value: undefined });
    },
  );

  // Red when: the signal is not passed to the reads; or the reader is left open.
  test("lines() aborted while a line is awaited throws the reason and closes the reader with it [PIPE-073]", async () => {
    const { reader, writer } = pipe();
    const controller = new AbortController();
    const step = rejection(lines(reader, { signal: controller.signal }).next());
    await settle();
    controller.abort(0);
    expect(await step).toBe(0);
    expect(await rejection(writer.write(utf8("late")))).toBe(0);
  });

  // Red when: the signal is checked only when a read is needed.
  test("lines() aborted between two lines throws the reason, even if the next line is complete [PIPE-073]", async () => {
    const reader = textReader("one\ntwo\n");
    const controller = new AbortController();
    const iterator = lines(reader, { signal: controller.signal });
    await iterator.next();
    controller.abort(0);
    expect(await rejection(iterator.next())).toBe(0);
    expect(reader.closings).toEqual([[0]]);
  });
});
