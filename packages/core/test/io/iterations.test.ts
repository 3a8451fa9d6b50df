import {
  chunks,
  discard,
  frames,
  fromIterable,
  lines,
  pipe,
  readAtLeast,
  readText,
  records,
  type Reader,
  writeFrame,
  type Writer,
} from "@pipe512/core";
import { expectWhole, joined, sequence } from "@pipe512/testing/bytes";
import { rejection, thrown, watch } from "@pipe512/testing/promises";
import { settle } from "@pipe512/testing/turns";
import { describe, expect, test } from "vitest";
import { all } from "../support/all.ts";
import { drain } from "../support/drain.ts";
import { cut, PlainReader, PlainWriter } from "./plain-ends.ts";

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const over = (content: string, size = 1033): PlainReader => new PlainReader(cut(utf8(content), size));

describe("leaving a reader where it stands", () => {
  const kinds: ReadonlyArray<readonly [string, (reader: Reader) => AsyncIterable<unknown>]> = [
    ["lines", (reader) => lines(reader, { preventClose: true })],
    ["records", (reader) => records(reader, { delimiter: "\n", preventClose: true })],
  ];

  // Red when: bytes that were read ahead are dropped; or the helper reads ahead from a reader that cannot take bytes back.
  test.for(kinds)(
    "%s({ preventClose }) leaves the next unread byte, over every reader [IO-007]",
    async ([, iterate]) => {
      const content = "one\n\u00e5two\nthe rest\nof it";
      const makers = [
        () => over(content),
        () => over(content, 3),
        () => fromIterable([content]),
        () => {
          const { reader, writer } = pipe();
          void writer.write(utf8(content)).then(() => writer.close());
          return reader;
        },
      ];
      for (const make of makers) {
        const reader = make();
        let count = 0;
        for await (const _ of iterate(reader)) if (++count === 2) break;
        expect(text(await drain(reader))).toBe("the rest\nof it");
      }
    },
  );

  // Red when: a part of the current item is dropped.
  test("lines({ preventClose }) left while a line is awaited gives back what it has of it [IO-007]", async () => {
    const { reader, writer } = pipe();
    const iterator = lines(reader, { preventClose: true });
    const step = watch(iterator.next());
    await writer.write(utf8("the beginn"));
    await settle();
    void writer.write(utf8("ing")); // Delivered, but not processed yet.
    void iterator.return?.();
    const rest = readText(reader);
    await settle();
    expect(step.value).toEqual({ done: true, value: undefined });
    await writer.write(utf8(" of a line"));
    writer.close();
    expect(await rest).toBe("the beginning of a line");
  });

  // Red when: the read in progress is not aborted, and takes later bytes.
  test("lines({ preventClose }) that is left leaves no read behind [IO-007]", async () => {
    const { reader, writer } = pipe();
    const iterator = lines(reader, { preventClose: true });
    void iterator.next();
    await settle();
    void iterator.return?.();
    expect(writer.tryWrite(sequence(5))).toBe(5);
    expect(reader.tryRead(new Uint8Array(9))).toBe(5);
  });

  // Red when: an error closes a reader despite preventClose.
  test("lines({ preventClose }) leaves the reader open also at a line that is too long [IO-007]", async () => {
    const reader = fromIterable(["a line\n"]);
    expect(await rejection(lines(reader, { preventClose: true, maxBytes: 3 }).next())).toBeInstanceOf(
      RangeError,
    );
    expect(await readText(reader)).toBe("a line\n");
  });

  // Red when: frames() or chunks() takes more bytes than it yields.
  test("frames() and chunks() with preventClose leave the next unread byte [IO-007] [IO-008]", async () => {
    const { reader, writer } = pipe();
    void writeFrame(writer, utf8("framed"))
      .then(() => writer.write(utf8("and the rest")))
      .then(() => writer.close());
    for await (const frame of frames(reader, { preventClose: true })) {
      expect(text(frame)).toBe("framed");
      break;
    }
    for await (const chunk of chunks(reader, { preventClose: true, chunkSize: 4 })) {
      expect(text(chunk)).toBe("and ");
      break;
    }
    expect(await readText(reader)).toBe("the rest");
  });
});

describe("reading ahead", () => {
  // Red when: a read is longer than chunkSize.
  test("lines({ chunkSize }) keeps within chunkSize bytes and the line in hand [IO-007]", async () => {
    const { reader, writer } = pipe();
    void writer.write(utf8(`${"x".repeat(1999)}\n${`${"x".repeat(99)}\n`.repeat(100)}`)).catch(() => {});
    const iterator = lines(reader, { chunkSize: 512 });
    await iterator.next();
    for (let taken = 2100; taken < 6000; taken += 100) {
      await iterator.next();
      await settle(1);
      expect(reader.bytesRead - taken).toBeLessThanOrEqual(512);
    }
    await iterator.return?.();
  });

  // Red when: a line that was decoded together with others contains some of their bytes, or loses its own.
  test("lines() splits every kind of line end in one text, in chunks of every size [IO-007] [PIPE-073]", async () => {
    const texts = Array.from(
      { length: 300 },
      (_, n) => ["", "x".repeat(n), "å".repeat(n % 50), `${n}\r`, "\ufeff", "漢字😀"][n % 6] as string,
    );
    for (const chunkSize of [1, 2, 7, 64, 1023, 1024, 1025, 65_536]) {
      expect(await all(lines(over(texts.map((line) => `${line}\r\n`).join(""), 999), { chunkSize }))).toEqual(
        texts,
      );
    }
  });
});

describe("records()", () => {
  // Red when: a delimiter is not found if a read ends inside it, or if its first bytes occur twice.
  test.for(["\0", "\r\n", "aab", "\n\n"])(
    "records() cuts at %j across the borders of chunks [IO-007]",
    async (delimiter) => {
      const items = ["one", "", "a", "aa", "\r", "x".repeat(600), "\n.", "last"];
      const content = items.join(delimiter);
      const expected = content.split(delimiter);
      for (const size of [1, 2, 3, 5, 1033]) {
        expect((await all(records(over(content, size), { delimiter }))).map(text)).toEqual(expected);
      }
      expect(
        (await all(records(over(content + delimiter), { delimiter: utf8(delimiter) }))).map(text),
      ).toEqual(expected);
    },
  );

  // Red when: the delimiter counts towards the bound; or a possible beginning of a delimiter does.
  test("records() bounds a record by maxBytes, without its delimiter [IO-007]", async () => {
    const reader = over("abcd--abcde--", 1);
    const iterator = records(reader, { delimiter: "--", maxBytes: 4 });
    expect(text((await iterator.next()).value as Uint8Array)).toBe("abcd");
    const error = await rejection(iterator.next());
    expect((error as RangeError).message).toBe("Cannot read a record of more than 4 bytes: raise maxBytes");
    expect(reader.closings).toEqual([[error]]);
    expect((await all(records(over("abcd-", 1), { delimiter: "--", maxBytes: 5 }))).map(text)).toEqual([
      "abcd-",
    ]);
  });

  // Red when: an empty delimiter is accepted and matches everywhere.
  test("records() throws for an invalid delimiter [IO-007]", () => {
    const reader = over("");
    expect(thrown(() => records(reader, { delimiter: "" }))).toBeInstanceOf(RangeError);
    expect(thrown(() => records(reader, {} as { delimiter: string }))).toBeInstanceOf(TypeError);
    expect(thrown(() => records(reader, { delimiter: ",", chunkSize: 0 }))).toBeInstanceOf(RangeError);
  });
});

describe("chunks()", () => {
  // Red when: a chunk is a view of an array that the next read reuses.
  test("chunks() yields arrays that the consumer owns, of chunkSize bytes at most [IO-007]", async () => {
    const parts = await all(chunks(new PlainReader(cut(sequence(1033), 300)), { chunkSize: 100 }));
    expectWhole(joined(parts), 1033);
    expect(Math.max(...parts.map(({ length }) => length))).toBe(100);
    expect(new Set(parts.map(({ buffer }) => buffer)).size).toBe(parts.length);
  });

  // Red when: a transferred array is copied.
  test("chunks() yields transferred arrays as they are [IO-007]", async () => {
    const { reader, writer } = pipe();
    const bytes = sequence(4096);
    void writer.write(bytes, { transfer: true });
    expect((await chunks(reader).next()).value).toBe(bytes);
  });

  // Red when: the reader stays open after a loop was left or has failed.
  test("chunks() closes the reader when it is left [IO-007]", async () => {
    const reader = new PlainReader([sequence(10)], "stall");
    const iterator = chunks(reader);
    await iterator.next();
    const step = watch(iterator.next());
    await iterator.return?.();
    await settle();
    expect(step.value).toEqual({ done: true, value: undefined });
    expect(reader.closings).toEqual([[]]);
  });
});

describe("frames", () => {
  // Red when: a length is read in another byte order; an empty frame ends the stream; or a chunk boundary splits a frame.
  test.for([1, 3, 4, 5, 1033])(
    "writeFrame() and frames() carry messages of any length, in chunks of %i bytes [IO-008]",
    async (size) => {
      const lengths = [0, 1, 0, 255, 256, 511, 512, 513, 1033, 5000];
      const sink = new PlainWriter();
      for (const length of lengths) expect(await writeFrame(sink, sequence(length))).toBe(length + 4);
      expect(sink.written.length).toBe(lengths.length);
      const received = await all(frames(new PlainReader(cut(joined(sink.written), size))));
      expect(received.map(({ length }) => length)).toEqual(lengths);
      for (const frame of received) expectWhole(frame, frame.length);
    },
  );

  // Red when: two overlapping calls of writeFrame() mix their frames.
  test("writeFrame() may overlap: frames do not interleave [IO-008]", async () => {
    const { reader, writer } = pipe();
    void Promise.all([700, 3, 900].map((length) => writeFrame(writer, sequence(length)))).then(() =>
      writer.close(),
    );
    expect((await all(frames(reader))).map(({ length }) => length)).toEqual([700, 3, 900]);
  });

  // Red when: a stream that ends inside a frame, or inside its length, ends cleanly.
  test.for([
    [3, "Cannot read the length of a frame: the stream ended after 3 of its 4 bytes", 0],
    [4, "Cannot read a frame of 10 bytes: the stream ended after 0", 0],
    [13, "Cannot read a frame of 10 bytes: the stream ended after 9", 9],
  ] as const)(
    "frames() over a stream that ends after %i bytes rejects [IO-008]",
    async ([length, message, bytesRead]) => {
      const sink = new PlainWriter();
      await writeFrame(sink, sequence(10));
      const reader = new PlainReader([joined(sink.written).subarray(0, length)]);
      expect(await rejection(frames(reader).next())).toMatchObject({
        code: "ERR_UNEXPECTED_END",
        message,
        bytesRead,
      });
      expect(reader.closings.length).toBe(1);
    },
  );

  // Red when: frames() allocates what an untrusted length says; or writeFrame() writes a frame that frames() rejects.
  test("frames() and writeFrame() keep to maxBytes, before they read or write any of it [IO-008]", async () => {
    const reader = new PlainReader([Uint8Array.of(255, 255, 255, 255)], "stall");
    expect(await rejection(frames(reader).next())).toMatchObject({
      name: "RangeError",
      message: expect.stringContaining("4294967295"),
    });
    const sink = new PlainWriter();
    expect(await rejection(writeFrame(sink, sequence(11), { maxBytes: 10 }))).toBeInstanceOf(RangeError);
    expect(await rejection(writeFrame(sink, "a" as unknown as Uint8Array))).toBeInstanceOf(TypeError);
    expect(await rejection(writeFrame({} as Writer, sequence(1)))).toBeInstanceOf(TypeError);
    expect(sink.written).toEqual([]);
  });
});

describe("readAtLeast() and discard()", () => {
  // Red when: it waits for the whole array, or resolves with fewer than minBytes.
  test("readAtLeast() resolves when at least so many bytes are there [IO-008]", async () => {
    const reader = new PlainReader(cut(sequence(1033), 300));
    const into = new Uint8Array(1000);
    expect(await readAtLeast(reader, into, 301)).toBe(600);
    expect(await readAtLeast(reader, into.subarray(600), 0)).toBe(300);
    expect(await rejection(readAtLeast(reader, into, 200))).toMatchObject({
      code: "ERR_UNEXPECTED_END",
      bytesRead: 133,
    });
    expect(await readAtLeast(reader, into, 1)).toBe(null);
    expect(await rejection(readAtLeast(reader, into, 1001))).toMatchObject({
      name: "RangeError",
      message: "minBytes must be at most the length of the array, which is 1000; got 1001",
    });
  });

  // Red when: the reader is closed before its end has been read.
  test("discard() reads to the end and resolves with the number of bytes [IO-008]", async () => {
    const reader = new PlainReader(cut(sequence(1033), 300));
    expect(await discard(reader)).toBe(1033);
    expect(reader.closings).toEqual([]);
  });
});
