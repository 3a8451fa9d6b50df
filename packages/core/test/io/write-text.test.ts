import { pipe, readFull, writeText } from "@pipe512/core";
import { joined } from "@pipe512/testing/bytes";
import { rejection, watch } from "@pipe512/testing/promises";
import { settle } from "@pipe512/testing/turns";
import { describe, expect, test } from "vitest";
import { drain } from "../support/drain.ts";
import { PlainWriter } from "./plain-ends.ts";

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A comparison like `toEqual()`, which takes seconds for arrays this long. It is a loop, since a callback for each byte is slow on a busy machine. */
function same(one: Uint8Array, other: Uint8Array): boolean {
  if (one.length !== other.length) return false;
  for (let at = 0; at < one.length; at++) if (one[at] !== other[at]) return false;
  return true;
}

describe("the bytes of a text", () => {
  // Red when: code units are written as bytes.
  test.for([
    ["no text", ""],
    ["one byte a character", "pipe\0"],
    ["two bytes", "åäö"],
    ["three bytes", "漢字"],
    ["four bytes", "😀😀"],
    ["half a surrogate pair", "\ud83d"],
    ["surrogates in the wrong order", "a\ude00\ud83d!"],
  ] as const)(
    "writeText() writes %s as UTF-8 and resolves with the number of bytes [PIPE-075]",
    async ([, text]) => {
      const writer = new PlainWriter();
      expect(await writeText(writer, text)).toBe(utf8(text).length);
      expect(joined(writer.written)).toEqual(utf8(text));
    },
  );

  // The text at the end of the first 65,536 bytes, or of the first 65,536 code units.
  const seams = [65_530, 65_531, 65_532, 65_533, 65_534, 65_535, 65_536, 65_537];

  // Red when: a piece ends inside a surrogate pair, which then becomes two replacement characters.
  test.for(seams)("writeText() cuts no character in two behind %i others [PIPE-075]", async (length) => {
    for (const filler of ["x", "é", "漢"]) {
      for (const next of ["😀😀", "é", "漢", "\ud83d", "\ud83dx", "\ude00\ud83d"]) {
        const writer = new PlainWriter();
        const text = `${filler.repeat(length)}${next}y`;
        const bytes = utf8(text);
        expect(await writeText(writer, text)).toBe(bytes.length);
        expect(same(joined(writer.written), bytes)).toBe(true);
      }
    }
  });

  // Red when: the whole text is encoded at once.
  test("writeText() encodes a long text by at most 65,536 bytes at a time [PIPE-075]", async () => {
    const writer = new PlainWriter();
    const text = "漢".repeat(100_000);
    expect(await writeText(writer, text)).toBe(300_000);
    expect(writer.written.length).toBe(5);
    expect(Math.max(...writer.written.map((bytes) => bytes.length))).toBeLessThanOrEqual(65_536);
  });

  // Red when: the next piece is encoded before the previous one was accepted.
  test("writeText() goes through a pipe piece by piece [PIPE-075]", async () => {
    const { reader, writer } = pipe();
    const text = "smörgås".repeat(20_000);
    const writing = writeText(writer, text).finally(() => writer.close());
    expect(same(await drain(reader), utf8(text))).toBe(true);
    expect(await writing).toBe(utf8(text).length);
  });
});

describe("errors", () => {
  // Red when: write() is not called for an empty text.
  test("writeText() of no text fails on a closed pipe, like any write [PIPE-075]", async () => {
    const { writer } = pipe();
    writer.close();
    expect(await rejection(writeText(writer, ""))).toMatchObject({ code: "ERR_CLOSED_PIPE" });
  });

  // Red when: other values are turned into strings.
  test.for([[undefined], [null], [42], [utf8("bytes")]])(
    "writeText() rejects with a TypeError for %o and writes nothing [PIPE-075]",
    async ([value]) => {
      const writer = new PlainWriter();
      expect(await rejection(writeText(writer, value as unknown as string))).toBeInstanceOf(TypeError);
      expect(writer.written).toEqual([]);
    },
  );

  // Red when: the progress counts the encoded bytes and not the accepted bytes.
  test("writeText() rejects with the error of the writer and reports the bytes written [PIPE-075]", async () => {
    const { reader, writer } = pipe();
    const progress = { bytes: 99 };
    const writing = watch(writeText(writer, "x".repeat(70_000), { progress }));
    expect(progress.bytes).toBe(0);
    await readFull(reader, new Uint8Array(65_536 + 10));
    await settle();
    reader.closeWithError(0);
    await settle();
    expect(writing).toMatchObject({ state: "rejected", reason: 0 });
    // The contract does not say how much of a waiting write is in the ring after a read (PIPE-003).
    expect(progress.bytes).toBe(writer.bytesWritten);
    expect(progress.bytes).toBeGreaterThanOrEqual(65_536 + 512);
  });
});

describe("the signal", () => {
  // Red when: the signal is not checked before the first write.
  test("writeText() given an aborted signal writes nothing, even to a writer that ignores signals [PIPE-075]", async () => {
    const writer = new PlainWriter();
    expect(await rejection(writeText(writer, "hello", { signal: AbortSignal.abort(0) }))).toBe(0);
    expect(writer.written).toEqual([]);
  });

  // Red when: the signal is not passed to the writes.
  test("writeText() aborted while it waits rejects with the reason and leaves the writer open [PIPE-075]", async () => {
    const { reader, writer } = pipe();
    const controller = new AbortController();
    const progress = { bytes: 0 };
    const writing = watch(writeText(writer, "x".repeat(600), { signal: controller.signal, progress }));
    await settle();
    controller.abort(0);
    await settle();
    expect(writing).toMatchObject({ state: "rejected", reason: 0 });
    expect(progress.bytes).toBe(512);
    writer.close();
    expect((await drain(reader)).length).toBe(512);
  });
});
