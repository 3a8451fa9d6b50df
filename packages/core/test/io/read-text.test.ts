import { pipe, readText, writeText } from "@pipe512/core";
import { rejection } from "@pipe512/testing/promises";
import { pending } from "@pipe512/testing/turns";
import { expect, test } from "vitest";
import { cut, PlainReader } from "./plain-ends.ts";

const TEXT = "smörgås, 漢字 and 😀";
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

// Red when: each chunk is decoded separately.
test.for([1, 2, 3, 5, 1033])(
  "readText() reads UTF-8 whose characters are split across chunks of %i bytes [PIPE-071]",
  async (size) => {
    expect(await readText(new PlainReader(cut(utf8(TEXT), size)))).toBe(TEXT);
  },
);

// Red when: the bytes of each read are decoded separately.
test("readText() reads from a pipe what writeText() writes [PIPE-071]", async () => {
  const { reader, writer } = pipe();
  const text = `${"x".repeat(511)}${TEXT.repeat(100)}`;
  const writing = writeText(writer, text).finally(() => writer.close());
  expect(await readText(reader)).toBe(text);
  await writing;
});

// Red when: the encoding is not passed on to the decoder.
test.for([
  ["utf-16le", Uint8Array.of(0x68, 0, 0x22, 0x6f), "h漢"],
  ["latin1", Uint8Array.of(0x73, 0xf6), "sö"],
  ["UTF8", utf8("sö"), "sö"],
] as const)("readText() reads %s [PIPE-071]", async ([encoding, bytes, text]) => {
  expect(await readText(new PlainReader(cut(bytes, 1)), { encoding })).toBe(text);
});

// Red when: the decoder is created only after the bytes were read.
test("readText() rejects with a RangeError for an unknown encoding before it reads [PIPE-071]", async () => {
  const reader = new PlainReader([utf8(TEXT)]);
  expect(await rejection(readText(reader, { encoding: "klingon" }))).toBeInstanceOf(RangeError);
  expect([reader.asked, reader.closings]).toEqual([[], []]);
});

// Red when: the decoder is fatal, or keeps the byte order mark.
test("readText() drops a byte order mark and replaces what is not valid [PIPE-071]", async () => {
  const bytes = Uint8Array.of(0xef, 0xbb, 0xbf, 0x61, 0xff, 0x62);
  expect(await readText(new PlainReader([bytes]))).toBe("a\ufffdb");
});

// Red when: maxBytes is not passed on, or counts characters.
test("readText() bounds the bytes, not the characters, by maxBytes [PIPE-071]", async () => {
  expect(await readText(new PlainReader([utf8("åå")]), { maxBytes: 4 })).toBe("åå");
  const reader = new PlainReader([utf8("ååa")]);
  const error = await rejection(readText(reader, { maxBytes: 4 }));
  expect(error).toBeInstanceOf(RangeError);
  expect(reader.closings).toEqual([[error]]);
});

// Red when: the rejection is a new error whose cause is the reader's error.
test.for([[new Error("disk")], [undefined], [0]])(
  "readText() rejects with the error of the reader, %o [PIPE-071]",
  async ([error]) => {
    expect(await rejection(readText(new PlainReader([utf8(TEXT)], { error })))).toBe(error);
  },
);

// Red when: the signal is not passed on.
test("readText() aborted while it waits rejects with the reason and leaves the reader open [PIPE-071]", async () => {
  const { reader, writer } = pipe();
  const controller = new AbortController();
  const reading = readText(reader, { signal: controller.signal });
  expect(await pending(reading)).toBe(true);
  controller.abort(0);
  expect(await rejection(reading)).toBe(0);
  void writeText(writer, TEXT);
  writer.close();
  expect(await readText(reader)).toBe(TEXT);
});
