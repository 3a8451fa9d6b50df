import { pipe } from "@pipe512/core";
import { expectSequence, joined, sequence } from "@pipe512/testing/bytes";
import { rejection, watch } from "@pipe512/testing/promises";
import { pending, settle } from "@pipe512/testing/turns";
import { describe, expect, test } from "vitest";
import { drain } from "../support/drain.ts";

const transfer = { transfer: true };
const sizes = [1, 511, 512, 513, 1033, 1 << 20];

describe("handed over whole", () => {
  // Red when: a transferred array is copied like any other.
  test.for(sizes)(
    "PipeReader.readChunk() that waits gets the same array of %i bytes that was transferred [PIPE-011]",
    async (size) => {
      const { reader, writer } = pipe();
      const bytes = sequence(size);
      const chunk = reader.readChunk();
      expect(await writer.write(bytes, transfer)).toBe(size);
      expect(await chunk).toBe(bytes);
      expect(bytes.byteLength).toBe(size);
    },
  );

  // Red when: a transferred array goes through the ring when no read waits.
  test.for(sizes)(
    "PipeReader.readChunk() that is called later gets the same array of %i bytes that was transferred [PIPE-011]",
    async (size) => {
      const { reader, writer } = pipe();
      const bytes = sequence(size);
      const writing = writer.write(bytes, transfer);
      await settle();
      expect(await reader.readChunk()).toBe(bytes);
      expect(await writing).toBe(size);
    },
  );

  // Red when: a transferred array is copied like any other.
  test("PipeReader.chunks() yields the same arrays that were transferred, in order [PIPE-011]", async () => {
    const { reader, writer } = pipe();
    const given = sizes.map((size) => sequence(size));
    const writing = (async () => {
      for (const bytes of given) await writer.write(bytes, transfer);
      writer.close();
    })();
    const received: Uint8Array[] = [];
    for await (const chunk of reader) received.push(chunk);
    await writing;
    expect(received.map((chunk) => given.indexOf(chunk as Uint8Array<ArrayBuffer>))).toEqual([
      0, 1, 2, 3, 4, 5,
    ]);
  });

  // Red when: maxBytes splits a transferred array.
  test("PipeReader.readChunk() gets a transferred array whole, regardless of maxBytes [PIPE-011]", async () => {
    const { reader, writer } = pipe();
    const bytes = sequence(1033);
    const writing = writer.write(bytes, transfer);
    expect(await reader.readChunk({ maxBytes: 10 })).toBe(bytes);
    await writing;
    const later = reader.chunks({ maxBytes: 10 }).next();
    void writer.write(bytes, transfer);
    expect((await later).value).toBe(bytes);
  });

  // Red when: a chunk contains bytes of the ring and of a transferred array.
  test("PipeReader.readChunk() gets the ring first, then the transferred array [PIPE-011]", async () => {
    const { reader, writer } = pipe();
    const bytes = sequence(1033, 10);
    await writer.write(sequence(10));
    const writing = writer.write(bytes, transfer);
    const last = writer.write(sequence(5, 1043));
    const first = await reader.readChunk();
    expect(first?.length).toBe(10);
    expectSequence(first ?? bytes);
    expect(await reader.readChunk()).toBe(bytes);
    expect(await writing).toBe(1033);
    expectSequence((await reader.readChunk()) ?? bytes, 1043);
    expect(await last).toBe(5);
  });

  // Red when: a transferred array is copied like any other.
  test("PipeReader.readChunk() that has waited longest gets the whole array, and the next one keeps waiting [PIPE-011]", async () => {
    const { reader, writer } = pipe();
    const bytes = sequence(1033);
    const first = reader.readChunk();
    const second = reader.readChunk();
    await writer.write(bytes, transfer);
    expect(await first).toBe(bytes);
    expect(await pending(second)).toBe(true);
  });

  // Red when: tryWrite() ignores its transfer option.
  test("PipeWriter.tryWrite() delivers a transferred array whole to a waiting readChunk() [PIPE-011]", async () => {
    const { reader, writer } = pipe();
    const bytes = sequence(1033);
    const chunk = reader.readChunk();
    expect(writer.tryWrite(bytes, transfer)).toBe(1033);
    expect(await chunk).toBe(bytes);
    const next = reader[Symbol.asyncIterator]().next();
    expect(writer.tryWrite(bytes, transfer)).toBe(1033);
    expect((await next).value).toBe(bytes);
  });

  // Red when: a transferred array goes through the ring when no read waits.
  test("PipeReader.tryReadChunk() gets the same array that waits [PIPE-011]", async () => {
    const { reader, writer } = pipe();
    const bytes = sequence(1033);
    const writing = writer.write(bytes, transfer);
    expect(reader.tryReadChunk({ maxBytes: 1 })).toBe(bytes);
    expect(await writing).toBe(1033);
  });
});

describe("copied", () => {
  // Red when: arrays are delivered as a whole without the transfer option.
  test.for([10, 512, 1033, 70_000])(
    "PipeReader.readChunk() gets a copy of %i bytes that were not transferred [PIPE-011]",
    async (size) => {
      const { reader, writer } = pipe();
      const bytes = sequence(size);
      const waiting = reader.readChunk({ maxBytes: 100_000 });
      await writer.write(bytes);
      expect((await waiting)?.buffer).not.toBe(bytes.buffer);
      const writing = writer.write(bytes);
      const later = await reader.readChunk({ maxBytes: 100_000 });
      expect(later?.buffer).not.toBe(bytes.buffer);
      await writing;
      bytes.fill(0xff);
      expectSequence((await waiting) ?? bytes);
      expectSequence(later ?? bytes);
    },
  );

  // Red when: an array is handed over whole although it covers only a part of its buffer.
  test.for([
    ["begins later", 1, 1034],
    ["ends earlier", 0, 1033],
  ] as const)(
    "PipeReader.readChunk() gets a copy of the transferred bytes where the array %s than its buffer [PIPE-011]",
    async ([, begin, end]) => {
      const { reader, writer } = pipe();
      const whole = sequence(1034);
      const part = whole.subarray(begin, end);
      const waiting = reader.readChunk();
      await writer.write(part, transfer);
      expect((await waiting)?.buffer).not.toBe(whole.buffer);
      expectSequence((await waiting) ?? whole, begin);
      const writing = writer.write(part, transfer);
      const later = await reader.readChunk();
      expect(later?.buffer).not.toBe(whole.buffer);
      expectSequence(later ?? whole, begin);
      expect(later?.length).toBe(1033);
      expect(await writing).toBe(1033);
    },
  );

  // Red when: an array is handed over whole although a read has taken its first bytes.
  test("PipeReader.readChunk() gets a copy of the rest once a read has taken the head [PIPE-011]", async () => {
    const { reader, writer } = pipe();
    const bytes = sequence(5000);
    const writing = writer.write(bytes, transfer);
    const head = new Uint8Array(100);
    expect(await reader.read(head)).toBe(100);
    expectSequence(head);
    writer.close();
    const rest: Uint8Array[] = [];
    for await (const chunk of reader) rest.push(chunk);
    expect(rest.every((chunk) => chunk.buffer !== bytes.buffer)).toBe(true);
    expect(joined(rest).length).toBe(4900);
    expectSequence(joined(rest), 100);
    expect(await writing).toBe(5000);
  });

  // Red when: an array is handed over whole although a read has taken its first bytes.
  test("PipeReader.readChunk() gets a copy of the rest when a read waits before it [PIPE-011]", async () => {
    const { reader, writer } = pipe();
    const bytes = sequence(1033);
    const into = new Uint8Array(10);
    const read = reader.read(into);
    const chunk = reader.readChunk();
    await writer.write(bytes, transfer);
    expect(await read).toBe(10);
    expectSequence(into);
    expect((await chunk)?.buffer).not.toBe(bytes.buffer);
    expect((await chunk)?.length).toBe(1023);
    expectSequence((await chunk) ?? bytes, 10);
  });

  // Red when: unlock() resumes all waiters.
  test.for([1, 512, 513, 1033])(
    "PipeReader.read() copies a transferred array, %i bytes at a time [PIPE-011]",
    async (size) => {
      const { reader, writer } = pipe();
      const writing = [
        writer.write(sequence(700, 0)),
        writer.write(sequence(1033, 700), transfer),
        writer.write(sequence(5, 1733), transfer),
        writer.write(sequence(600, 1738)),
      ];
      writer.close();
      const received = await drain(reader, size);
      expect(received.length).toBe(2338);
      expectSequence(received);
      expect(await Promise.all(writing)).toEqual([700, 1033, 5, 600]);
    },
  );
});

describe("interrupted", () => {
  // Red when: the abort of a write leaves all bytes of its array in the pipe.
  test("PipeWriter.write() with transfer leaves only the counted bytes in the pipe when it is aborted [PIPE-011] [PIPE-031]", async () => {
    const { reader, writer } = pipe();
    const controller = new AbortController();
    const progress = { bytes: 0 };
    const aborted = rejection(
      writer.write(sequence(2000), { transfer: true, signal: controller.signal, progress }),
    );
    const next = watch(writer.write(new Uint8Array(3).fill(7)));
    controller.abort("enough");
    expect(await aborted).toBe("enough");
    const moved = progress.bytes;
    writer.close();
    const received = await drain(reader);
    expect([received.length, progress.bytes]).toEqual([moved + 3, moved]);
    expectSequence(received.subarray(0, moved));
    expect([...received.subarray(moved)]).toEqual([7, 7, 7]);
    await settle();
    expect(next).toMatchObject({ state: "fulfilled", value: 3 });
  });

  // Red when: the reader's close does not reject the pending writes.
  test("PipeWriter.write() with transfer rejects with the reader's close before the array is delivered [PIPE-011] [PIPE-023]", async () => {
    const { reader, writer } = pipe();
    const writing = rejection(writer.write(sequence(2000), transfer));
    reader.close();
    expect(await writing).toMatchObject({ code: "ERR_CLOSED_PIPE", side: "reader" });
  });
});
