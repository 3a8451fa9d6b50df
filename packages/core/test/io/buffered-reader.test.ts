import {
  type BufferedReader,
  bufferedReader,
  chunks,
  fromIterable,
  lines,
  pipe,
  type Reader,
  readText,
  writeText,
} from "@pipe512/core";
import { spend } from "@pipe512/core/adapter";
import { expectSequence, expectWhole, sequence } from "@pipe512/testing/bytes";
import { rejection, thrown, watch } from "@pipe512/testing/promises";
import { pending, settle } from "@pipe512/testing/turns";
import { describe, expect, test, vi } from "vitest";
import { all } from "../support/all.ts";
import { drain } from "../support/drain.ts";
import { cut, PlainReader } from "./plain-ends.ts";

/** How far the clock of the budget is ahead of the real clock, in milliseconds. The budget keeps a reference to the clock when it is loaded. */
const clock = vi.hoisted(() => {
  const { now } = Date;
  const ahead = { ahead: 0 };
  Date.now = () => now() + ahead.ahead;
  return ahead;
});

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (bytes: Uint8Array | null): string | null => bytes && new TextDecoder().decode(bytes);
const over = (content: string, size = 1033): PlainReader => new PlainReader(cut(utf8(content), size));

/** A reader that ignores signals and its own close, and answers a read only when the test calls `answer()`. */
class SlowReader implements Reader {
  /** The number of reads. */
  asked = 0;
  /** Answers the last read with bytes, or with the end. */
  answer: (bytes: string | null) => void = () => {};

  read(into: Uint8Array): Promise<number | null> {
    this.asked += 1;
    return new Promise((resolve) => {
      this.answer = (bytes) =>
        resolve(bytes === null ? null : new TextEncoder().encodeInto(bytes, into).written);
    });
  }

  close(): void {}
  closeWithError(): void {}
}

describe("a line and then the rest", () => {
  // Red when: the bytes that were read ahead of a line are dropped; or a body is truncated where the first chunk ends.
  test.for([1, 2, 7, 1033])(
    "bufferedReader() takes a header line, an exact body and the rest, in chunks of %i bytes [IO-001]",
    async (size) => {
      const reader = bufferedReader(over("length: 4\r\nbody\nand more\n", size));
      expect(await reader.readLine()).toBe("length: 4");
      expect(text(await reader.readExactly(4))).toBe("body");
      expect(text(await reader.peek(4))).toBe("\nand");
      expect(await reader.skip(1)).toBe(1);
      expect(await readText(reader)).toBe("and more\n");
      expect(await reader.readLine()).toBe(null);
    },
  );

  // Red when: the iterator, lines() or chunks() reads from the source and skips the bytes that were read ahead.
  test("bufferedReader() can be iterated, and passed to helpers, from its current position [IO-001]", async () => {
    const content = "one\ntwo\nthree\n";
    for (const read of [
      async (reader: Reader) => (await all(lines(reader))).join("\n"),
      async (reader: Reader) => (await all(chunks(reader))).map(text).join("").trimEnd(),
      async (reader: AsyncIterable<Uint8Array>) => (await all(reader)).map(text).join("").trimEnd(),
    ]) {
      const reader = bufferedReader(over(content));
      expect(await reader.readLine()).toBe("one");
      expect(await read(reader)).toBe("two\nthree");
    }
  });

  // Red when: bytes that were put back come after what was read ahead, or are the caller's own array.
  test("unread() puts a copy of bytes in front, also behind the end [IO-001]", async () => {
    const reader = bufferedReader(over("cd"));
    expect(text(await reader.peek(1))).toBe("c");
    const bytes = utf8("ab");
    reader.unread(bytes);
    bytes.fill(0);
    expect(await readText(reader)).toBe("abcd");
    reader.unread(utf8("again\n"));
    expect(await reader.readLine()).toBe("again");
    expect(await reader.readLine()).toBe(null);
  });

  // Red when: a waiting call ignores the bytes that are put back.
  test("unread() wakes the call that waits [IO-001]", async () => {
    const reader = bufferedReader(pipe().reader);
    const line = watch(reader.readLine());
    await settle();
    reader.unread(utf8("here\n"));
    await settle();
    expect(line.value).toBe("here");
  });
});

describe("reading ahead", () => {
  // Red when: it reads before the first call, reads more than chunkSize bytes, or reads although bytes are buffered.
  test("bufferedReader() reads nothing before the first call, and at most chunkSize bytes ahead [IO-001]", async () => {
    const source = over("x".repeat(5000), 5000);
    const reader = bufferedReader(source, { chunkSize: 512 });
    await settle();
    expect(source.asked).toEqual([]);
    await reader.read(new Uint8Array(1));
    expect(source.asked).toEqual([512]);
    expect(reader.buffered).toBe(511);
    await reader.peek(512);
    expect(source.asked).toEqual([512, 1]);
    expect(reader.buffered).toBe(512);
  });

  // Red when: the default differs.
  test("bufferedReader() reads 65,536 bytes ahead by default [IO-001]", async () => {
    const source = over("x\n");
    await bufferedReader(source).readLine();
    expect(source.asked).toEqual([65_536]);
  });

  // Red when: a read as long as the buffer is copied through the buffer.
  test("read() of chunkSize bytes goes straight into the caller's array [IO-001]", async () => {
    const source = new PlainReader([sequence(1033)]);
    const reader = bufferedReader(source, { chunkSize: 512 });
    const into = new Uint8Array(1033);
    expect(await reader.read(into)).toBe(1033);
    expectSequence(into);
    expect(source.asked).toEqual([1033]);
  });

  // Red when: an item longer than the buffer is truncated, or its bytes are copied repeatedly.
  test("readExactly(), readLine() and readUntil() take items longer than chunkSize [IO-001]", async () => {
    const reader = bufferedReader(
      over(`${"x".repeat(5000)}\n${"y".repeat(5000)}||${"z".repeat(5000)}`, 600),
      { chunkSize: 64 },
    );
    expect((await reader.readLine())?.length).toBe(5000);
    expect((await reader.readUntil("||"))?.length).toBe(5002);
    expect((await reader.readExactly(5000))?.length).toBe(5000);
  });

  // Red when: a call creates a promise for a line that is buffered; or its result at the end differs from that of readLine().
  test("tryReadLine() returns the lines that are there, undefined where a read would wait, and null at the end [IO-001]", async () => {
    const { reader: source, writer } = pipe();
    const reader = bufferedReader(source);
    expect(reader.tryReadLine()).toBe(undefined);
    await writeText(writer, "one\ntwo\nthr");
    // If the budget of the event loop were used up, it would wait for a later iteration (PIPE-040).
    const next = async (): Promise<string | null> => {
      for (;;) {
        const line = reader.tryReadLine();
        if (line !== undefined) return line;
        await settle(1);
      }
    };
    expect([await next(), await next(), reader.tryReadLine()]).toEqual(["one", "two", undefined]);
    await writeText(writer, "ee");
    writer.close();
    expect(await reader.readLine()).toBe("three");
    expect(await next()).toBe(null);
  });
});

describe("calls that fail", () => {
  // Red when: only the source observes the signal of a call; or the bytes that the source returns later are dropped.
  test("readLine() aborted over a reader that ignores signals rejects at once, and loses nothing [IO-001]", async () => {
    const source = new SlowReader();
    const reader = bufferedReader(source);
    const controller = new AbortController();
    const line = watch(reader.readLine({ signal: controller.signal }));
    await settle();
    controller.abort(0);
    await settle();
    expect(line).toMatchObject({ state: "rejected", reason: 0 });
    const next = watch(reader.readLine());
    source.answer("late\nlater\n");
    await settle();
    expect(next.value).toBe("late");
    expect(await reader.readLine()).toBe("later");
  });

  const calls: Record<string, (reader: BufferedReader) => Promise<unknown>> = {
    "read()": (reader) => reader.read(new Uint8Array(5)),
    "readChunk()": (reader) => reader.readChunk(),
    "peek()": (reader) => reader.peek(5),
    "readLine()": (reader) => reader.readLine(),
    "readUntil()": (reader) => reader.readUntil("\n"),
    "readExactly()": (reader) => reader.readExactly(5),
    "skip()": (reader) => reader.skip(5),
  };
  const events: Record<string, (reader: BufferedReader, source: SlowReader) => void> = {
    "the source answers": (_, source) => source.answer("late\n"),
    "bytes are put back": (reader) => reader.unread(utf8("late\n")),
    "the source ends": (_, source) => source.answer(null),
    "it is closed": (reader) => reader.close(),
  };

  // Red when: a call that waited for its turn of the event loop goes on to wait for the source, although the bytes, end or close came meanwhile. The source
  // here returns no second answer.
  test.for(Object.keys(calls).flatMap((call) => Object.keys(events).map((event) => [call, event] as const)))(
    "%s settles if %s while it waits for its turn of the event loop [IO-001] [PIPE-040]",
    async ([call, event]) => {
      const source = new SlowReader();
      const reader = bufferedReader(source);
      const controller = new AbortController();
      const first = watch(reader.peek(1, { signal: controller.signal }));
      await settle();
      controller.abort(0);
      await settle();
      expect([first.state, source.asked]).toEqual(["rejected", 1]);
      clock.ahead += 1000;
      while (spend(1 << 22)); // The budget is used up.
      const next = watch((calls[call] as (typeof calls)[string])(reader));
      await Promise.resolve();
      (events[event] as (typeof events)[string])(reader, source);
      await settle();
      expect(next.state).not.toBe("pending");
    },
  );

  // Red when: a line that is too long is dropped, wholly or in part.
  test("readLine() and readUntil() leave what is too long to be read [IO-001]", async () => {
    const reader = bufferedReader(over("ååx\nrest", 3));
    const error = await rejection(reader.readLine({ maxBytes: 4 }));
    expect((error as RangeError).message).toBe("Cannot read a line of more than 4 bytes: raise maxBytes");
    expect(await rejection(reader.readUntil("\n", { maxBytes: 4 }))).toBeInstanceOf(RangeError);
    expect(await reader.readLine({ maxBytes: 5 })).toBe("ååx");
    expect(await rejection(reader.readUntil("\n", { maxBytes: 3 }))).toBeInstanceOf(RangeError);
    expect(text(await reader.readUntil("\n"))).toBe("rest");
    expect(await reader.readUntil("\n")).toBe(null);
  });

  // Red when: the bytes before an unexpected end are dropped; or a clean end counts as unexpected.
  test("readExactly() rejects with an UnexpectedEndError inside, and leaves the bytes [IO-001]", async () => {
    const reader = bufferedReader(over("abc"));
    expect(await rejection(reader.readExactly(4))).toMatchObject({
      code: "ERR_UNEXPECTED_END",
      bytesRead: 3,
    });
    expect(text(await reader.readExactly(3))).toBe("abc");
    expect(await reader.readExactly(1)).toBe(null);
    expect(await reader.readExactly(0)).toEqual(new Uint8Array(0));
  });

  // Red when: the progress of an aborted skip is lost.
  test("skip() aborted reports the bytes dropped [IO-001]", async () => {
    const { reader: source, writer } = pipe();
    const reader = bufferedReader(source);
    const controller = new AbortController();
    const progress = { bytes: 99 };
    const skipping = rejection(reader.skip(500, { signal: controller.signal, progress }));
    await writer.write(sequence(300));
    await settle();
    controller.abort(0);
    expect(await skipping).toBe(0);
    expect(progress.bytes).toBe(300);
    await writer.write(sequence(10, 300));
    writer.close();
    expectSequence(await drain(reader), 300);
  });

  // Red when: a call does not remove its listener from the signal.
  test("bufferedReader() leaves no listener on a signal once its calls have settled [IO-001] [PIPE-032]", async () => {
    const controller = new AbortController();
    const { signal } = controller;
    let listeners = 0;
    const [add, remove] = [signal.addEventListener.bind(signal), signal.removeEventListener.bind(signal)];
    signal.addEventListener = (...args: Parameters<typeof add>) => ((listeners += 1), add(...args));
    signal.removeEventListener = (...args: Parameters<typeof remove>) => ((listeners -= 1), remove(...args));
    const reader = bufferedReader(over("one\ntwo\nthree\n", 2));
    for (const line of ["one\n", "two\n"]) {
      expect(text(await reader.readUntil("\n", { signal }))).toBe(line);
      expect(listeners).toBe(0);
    }
    expect(await reader.skip(3, { signal })).toBe(3);
    expect(listeners).toBe(0);
  });

  // Red when: `using` leaves the underlying reader open.
  test("bufferedReader() is closed by `using` [IO-001]", async ({ skip }) => {
    skip(!("dispose" in Symbol), "there is no Symbol.dispose here");
    const source = over("text");
    {
      using reader = bufferedReader(source);
      expect(await reader.read(new Uint8Array(2))).toBe(2);
    }
    expect(source.closings).toEqual([[]]);
  });

  // Red when: a foreign reader that always returns 0 is read for ever; or its counts are not validated.
  test("bufferedReader() rejects later calls after a reader returned an invalid count [IO-001]", async () => {
    const answering = (count: number): Reader => ({
      read: async () => count,
      close() {},
      closeWithError() {},
    });
    expect(await rejection(bufferedReader(answering(0)).readLine())).toMatchObject({
      code: "ERR_NO_PROGRESS",
    });
    expect(await rejection(bufferedReader(answering(-1)).readLine())).toBeInstanceOf(TypeError);
    expect(await rejection(bufferedReader(answering(65_537)).readLine())).toBeInstanceOf(TypeError);
  });
});

describe("closing", () => {
  // Red when: close() leaves a call pending while the source does not answer; or leaves the source open.
  test("close() rejects the calls that wait, also over a reader that ignores its close [IO-001]", async () => {
    const source = new PlainReader([], "stall");
    const reader = bufferedReader(source, { chunkSize: 16 });
    const waiting: Array<Promise<unknown>> = [
      reader.readLine(),
      reader.read(new Uint8Array(99)),
      reader.peek(1),
    ];
    const calls = waiting.map((call) => watch(call));
    await settle();
    reader.closeWithError(0);
    reader.close();
    await settle();
    for (const call of calls)
      expect(call.reason).toMatchObject({ code: "ERR_CLOSED_PIPE", side: "reader", cause: 0 });
    expect(source.closings).toEqual([[0]]);
  });

  // Red when: `closed` resolves while bytes are buffered; or only after a read has found no more.
  test("closed resolves when the source has ended and what was read ahead is taken [IO-001]", async () => {
    const { reader: source, writer } = pipe();
    const reader = bufferedReader(source);
    await writeText(writer, "one\ntwo\n");
    await reader.readLine();
    writer.close();
    expect(await pending(reader.closed)).toBe(true);
    await reader.readLine();
    expect(await pending(reader.closed)).toBe(false);
  });
});

// Red when: misuse is detected only by the first read; or a message does not name the parameter.
test("bufferedReader() and its methods reject a value that is not a Reader, and invalid numbers [IO-001]", async () => {
  expect(thrown(() => bufferedReader([] as unknown as Reader))).toMatchObject({
    message: expect.stringContaining("fromIterable()"),
  });
  expect(thrown(() => bufferedReader(over(""), { chunkSize: 0 }))).toBeInstanceOf(RangeError);
  const reader = bufferedReader(fromIterable(["abc"]), { chunkSize: 2 });
  expect(await rejection(reader.peek(3))).toMatchObject({
    message: "count must be at most chunkSize, which is 2; got 3",
  });
  expect(await rejection(reader.peek(-1))).toBeInstanceOf(RangeError);
  expect(await rejection(reader.readExactly("1" as unknown as number))).toBeInstanceOf(TypeError);
  expect(await rejection(reader.skip(1.5))).toBeInstanceOf(RangeError);
  expect(await rejection(reader.readUntil(""))).toBeInstanceOf(RangeError);
  expect(await rejection(reader.readUntil(10 as unknown as string))).toBeInstanceOf(TypeError);
  expect(await rejection(reader.readLine({ maxBytes: 0 }))).toBeInstanceOf(RangeError);
  expect(thrown(() => reader.unread("a" as unknown as Uint8Array))).toBeInstanceOf(TypeError);
  expectWhole(await drain(reader).then(({ length }) => sequence(length)), 3);
});
