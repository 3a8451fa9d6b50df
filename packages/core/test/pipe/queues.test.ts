import { pipe } from "@pipe512/core";
import { expectSequence, joined, sequence } from "@pipe512/testing/bytes";
import { watch } from "@pipe512/testing/promises";
import { pending, settle } from "@pipe512/testing/turns";
import { describe, expect, test } from "vitest";
import { drain } from "../support/drain.ts";

describe("writes", () => {
  // Red when: the calls that wait for a mutex are served in reverse order.
  test.for([1, 511, 513, 1033, 10_000])(
    "PipeWriter.write() never interleaves with others, read %i bytes at a time [PIPE-006]",
    async (readSize) => {
      const { reader, writer } = pipe();
      const writes = [1033, 1, 600, 0, 512, 5000, 3].map((size, index) =>
        new Uint8Array(size).fill(index + 1),
      );
      const counts = Promise.all(writes.map((bytes) => writer.write(bytes)));
      writer.close();
      expect(await drain(reader, readSize)).toEqual(joined(writes));
      expect(await counts).toEqual(writes.map(({ length }) => length));
    },
  );

  // Red when: a write that finds room overtakes the waiting writes.
  test("PipeWriter.write() keeps the messages of three busy writers whole [PIPE-006]", async () => {
    const { reader, writer } = pipe();
    const busy = [700, 513, 1033].map(async (size, index) => {
      for (let count = 0; count < 20; count++) await writer.write(new Uint8Array(size).fill(index + 1));
    });
    void Promise.all(busy).then(() => writer.close());
    const received = await drain(reader, 100);
    expect(received.length).toBe(20 * (700 + 513 + 1033));
    for (let position = 0; position < received.length; ) {
      const first = received[position] ?? 0;
      const size = [700, 513, 1033][first - 1] ?? received.length;
      expect(received.subarray(position, position + size)).toEqual(new Uint8Array(size).fill(first));
      position += size;
    }
  });

  // Red when: the calls that wait for a mutex are served in reverse order.
  test("PipeWriter.write() resolves for all whose bytes have room now, in call order [PIPE-003] [PIPE-006]", async () => {
    const { reader, writer } = pipe();
    const order: number[] = [];
    for (const [index, size] of [1033, 100, 200, 212].entries()) {
      void writer.write(sequence(size)).then(() => order.push(index));
    }
    const last = watch(writer.write(sequence(1)));
    await reader.read(new Uint8Array(1033));
    await settle();
    expect(order).toEqual([0, 1, 2, 3]);
    expect(last.state).toBe("pending");
  });
});

describe("reads", () => {
  // Red when: the calls that wait for a mutex are served in reverse order.
  test("PipeReader.read() is served in call order, and each byte goes to one read [PIPE-007]", async () => {
    const { reader, writer } = pipe();
    const order: number[] = [];
    const arrays = [10, 10, 10, 10].map((size) => new Uint8Array(size));
    const counts = arrays.map(async (into, index) => {
      const count = await reader.read(into);
      order.push(index);
      return count;
    });
    await writer.write(sequence(25));
    expect(await Promise.all(counts.slice(0, 3))).toEqual([10, 10, 5]);
    expect(order).toEqual([0, 1, 2]);
    expectSequence(joined([...arrays.slice(0, 2), arrays[2]?.subarray(0, 5) ?? new Uint8Array(0)]));
    expect(counts[3] !== undefined && (await pending(counts[3]))).toBe(true);
  });

  // Red when: read() takes the bytes of the ring, but none of the write in progress.
  test("PipeReader.read() shares one big write between two waiting reads, and the rest goes on [PIPE-007]", async () => {
    const { reader, writer } = pipe();
    const [first, second] = [new Uint8Array(600), new Uint8Array(300)];
    const reads = Promise.all([reader.read(first), reader.read(second)]);
    const writing = writer.write(sequence(2000));
    expect(await reads).toEqual([600, 300]);
    expectSequence(first);
    expectSequence(second, 600);
    expect(await pending(writing)).toBe(true);
    const rest = new Uint8Array(2000);
    expect(await reader.read(rest)).toBe(1100);
    expectSequence(rest.subarray(0, 1100), 900);
    expect(await writing).toBe(2000);
  });

  // Red when: the calls that wait for a mutex are served in reverse order.
  test("PipeReader.read(), readChunk() and next() wait in one queue [PIPE-007]", async () => {
    const { reader, writer } = pipe();
    const into = new Uint8Array(1);
    const read = reader.read(into);
    const chunk = reader.readChunk({ maxBytes: 2 });
    const next = reader.chunks({ maxBytes: 3 }).next();
    const last = reader.read(new Uint8Array(4));
    await writer.write(sequence(10));
    expect(await read).toBe(1);
    expectSequence(into);
    expectSequence((await chunk) ?? new Uint8Array(0), 1);
    expect((await chunk)?.length).toBe(2);
    expectSequence((await next).value, 3);
    expect((await next).value).toHaveLength(3);
    expect(await last).toBe(4);
  });

  // Red when: the last byte of a read is delivered again by the next read.
  test("PipeReader.read() gives each byte of a long stream to one of two busy readers [PIPE-007]", async () => {
    const { reader, writer } = pipe();
    const seen: number[] = [];
    const busy = [7, 513].map(async (size) => {
      const into = new Uint8Array(size);
      for (let count = await reader.read(into); count !== null; count = await reader.read(into)) {
        for (const byte of into.subarray(0, count)) seen.push(byte);
      }
    });
    const message = Uint8Array.from({ length: 5165 }, (_, index) => index % 251);
    for (let start = 0; start < message.length; start += 1033)
      await writer.write(message.subarray(start, start + 1033));
    writer.close();
    await Promise.all(busy);
    expect(seen.toSorted((a, b) => a - b)).toEqual([...message].toSorted((a, b) => a - b));
  });
});
