import { copy, fromIterable, limit, lines, pipe, readAll, readText, writeText } from "@pipe512/core";
import { expectWhole, sequence } from "@pipe512/testing/bytes";
import { rejection, thrown, watch } from "@pipe512/testing/promises";
import { pending, settle } from "@pipe512/testing/turns";
import { describe, expect, test } from "vitest";
import { drain } from "../support/drain.ts";
import { cut, PlainReader, PlainWriter } from "./plain-ends.ts";

const SIZES = [0, 1, 511, 512, 513, 1024, 1033];

describe("limit()", () => {
  // Red when: a read takes more than the limit leaves; the end comes a byte early or late; or the reader stays open after the limit.
  test.for(SIZES)(
    "limit() ends after %i bytes and closes the reader, which has more [IO-003]",
    async (maxBytes) => {
      const source = new PlainReader(cut(sequence(2000), 300));
      expectWhole(await readAll(limit(source, maxBytes)), maxBytes);
      expect(source.closings).toEqual([[]]);
    },
  );

  // Red when: the reader is closed despite preventClose; or a byte behind the limit is read.
  test.for(SIZES)(
    "limit({ preventClose }) leaves what is behind %i bytes to be read [IO-003]",
    async (maxBytes) => {
      const { reader, writer } = pipe();
      const writing = writer.write(sequence(2000)).then(() => writer.close());
      expectWhole(await readAll(limit(reader, maxBytes, { preventClose: true })), maxBytes);
      expectWhole(await drain(reader), 2000 - maxBytes, maxBytes);
      await writing;
    },
  );

  // Red when: a stream of exactly the limit fails; a longer one does not fail; or the write does not reject.
  test("limit({ overflow: error }) fails behind the limit only where there is more, and closes the reader with it [IO-003]", async () => {
    const exact = new PlainReader(cut(sequence(1033), 300));
    expectWhole(await readAll(limit(exact, 1033, { overflow: "error" })), 1033);
    const { reader, writer } = pipe();
    const writing = rejection(writer.write(sequence(2000)));
    const limited = limit(reader, 1033, { overflow: "error" });
    const into = new Uint8Array(2000);
    expect(await limited.read(into)).toBe(1033);
    const error = await rejection(limited.read(into));
    expect(error).toMatchObject({
      name: "RangeError",
      message: "Cannot read more than 1033 bytes: raise maxBytes",
    });
    expect(await writing).toBe(error);
    expect(await rejection(limited.read(into))).toBe(error);
  });

  // Red when: the reader is closed despite preventClose; or the pending read does not settle.
  test("limit({ preventClose }) that is closed while a read waits leaves the reader with all of its bytes [IO-003]", async () => {
    const { reader, writer } = pipe();
    const limited = limit(reader, 100, { preventClose: true });
    const reading = watch(limited.read(new Uint8Array(10)));
    await settle();
    void writer.write(sequence(5)); // Delivered, but not processed yet.
    limited.close();
    await settle();
    expect(reading.reason).toMatchObject({ code: "ERR_CLOSED_PIPE", side: "reader" });
    writer.close();
    expectWhole(await drain(reader), 5);
  });

  // Red when: close() is not passed on, or its error is not.
  test("limit() passes a close on to the reader, and its end to `closed` [IO-003]", async () => {
    const source = new PlainReader([sequence(10)]);
    limit(source, 5).closeWithError(0);
    expect(source.closings).toEqual([[0]]);
    const limited = limit(new PlainReader([sequence(10)]), 5);
    expect(await pending(limited.closed as Promise<void>)).toBe(true);
    await limited.read(new Uint8Array(5));
    expect(await pending(limited.closed as Promise<void>)).toBe(false);
  });

  // Red when: the bytes that lines() puts back are lost in the limit.
  test("limit() takes back what helpers have read ahead [IO-003] [IO-007]", async () => {
    const limited = limit(fromIterable(["one\ntwo\nthree\n"]), 8);
    for await (const line of lines(limited, { preventClose: true })) {
      expect(line).toBe("one");
      break;
    }
    expect(await readText(limited)).toBe("two\n");
  });

  // Red when: an invalid number is accepted.
  test("limit() throws for invalid numbers and options [IO-003]", () => {
    const source = new PlainReader([]);
    for (const maxBytes of [-1, 1.5, Number.NaN])
      expect(thrown(() => limit(source, maxBytes))).toBeInstanceOf(RangeError);
    expect(thrown(() => limit(source, "1" as unknown as number))).toBeInstanceOf(TypeError);
    expect(thrown(() => limit(source, 1, { overflow: "drop" as "end" }))).toMatchObject({
      message: 'overflow must be "end" or "error"; got the string "drop"',
    });
    expect(source.closings).toEqual([]);
  });
});

describe("copy({ maxBytes })", () => {
  // Red when: a byte beyond the bound is read, or a transferred chunk is read whole.
  test.for(SIZES)(
    "copy() moves %i bytes at most, and leaves the rest to be read [IO-003]",
    async (maxBytes) => {
      const { reader, writer } = pipe();
      void writer.write(sequence(2000), { transfer: true }).then(() => writer.close());
      const sink = new PlainWriter();
      expect(await copy(reader, sink, { maxBytes, transfer: true })).toBe(maxBytes);
      expectWhole(await drain(reader), 2000 - maxBytes, maxBytes);
      const pieces = new PlainReader(cut(sequence(2000), 300));
      expect(await copy(pieces, sink, { maxBytes })).toBe(maxBytes);
      expectWhole(await drain(pieces), 2000 - maxBytes, maxBytes);
    },
  );

  // Red when: the bound is validated only after the first read.
  test("copy() rejects an invalid maxBytes, and reads nothing [IO-003]", async () => {
    const source = new PlainReader([sequence(10)]);
    expect(await rejection(copy(source, new PlainWriter(), { maxBytes: -1 }))).toBeInstanceOf(RangeError);
    expect(source.asked).toEqual([]);
  });
});

// Red when: the limit counts characters and not bytes.
test("limit() over a text keeps to bytes and not to characters [IO-003]", async () => {
  const { reader, writer } = pipe();
  void writeText(writer, "åå").then(() => writer.close());
  expect(await readText(limit(reader, 3))).toBe("å\ufffd");
});
