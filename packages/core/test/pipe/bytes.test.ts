import { PIPE_CAPACITY, pipe } from "@pipe512/core";
import { expectSequence, sequence } from "@pipe512/testing/bytes";
import { watch } from "@pipe512/testing/promises";
import { pending, settle } from "@pipe512/testing/turns";
import { describe, expect, test } from "vitest";
import { drain } from "../support/drain.ts";

const sizes = [1, 511, 512, 513, 1024, 1033];

describe("order and wholeness", () => {
  const pairs = sizes.flatMap((writeSize) => sizes.map((readSize) => [writeSize, readSize] as const));

  // Red when: bytes that wrap around the end of the ring are copied from a wrong position.
  test.for(pairs)(
    "PipeReader.read() gets every byte once and in order from writes of %i by reads of %i [PIPE-001]",
    async ([writeSize, readSize]) => {
      const { reader, writer } = pipe();
      const total = writeSize * 5;
      const writing = (async () => {
        for (let start = 0; start < total; start += writeSize) await writer.write(sequence(writeSize, start));
        writer.close();
      })();
      const received = await drain(reader, readSize);
      await writing;
      expect(received.length).toBe(total);
      expectSequence(received);
    },
  );

  // The classic test of this pipe's predecessor: 1,033 and 512 have no common divisor, so the ring wraps once at every position.
  // Red when: the bytes of a waiting write are copied from its beginning again.
  test("PipeReader.read() gets every byte once and in order when reads double in size from 1 [PIPE-001]", async () => {
    const { reader, writer } = pipe();
    const writing = (async () => {
      for (let seam = 0; seam < 16; seam++) await writer.write(sequence(1033, seam * 1033));
      writer.close();
    })();
    let position = 0;
    for (let size = 1; ; size = size < 2048 ? size * 2 : 1) {
      const into = new Uint8Array(size);
      const count = await reader.read(into);
      if (count === null) break;
      expect(count).toBeGreaterThan(0);
      expectSequence(into.subarray(0, count), position);
      position += count;
    }
    await writing;
    expect(position).toBe(16 * 1033);
  });

  // Red when: bytes that are handed to a waiting read are counted twice.
  test("PipeReader.bytesRead and PipeWriter.bytesWritten count the bytes moved [PIPE-001]", async () => {
    const { reader, writer } = pipe();
    expect([writer.bytesWritten, reader.bytesRead]).toEqual([0, 0]);
    writer.tryWrite(sequence(600));
    expect([writer.bytesWritten, reader.bytesRead]).toEqual([512, 0]);
    const writing = writer.write(sequence(521));
    await reader.read(new Uint8Array(700));
    expect(reader.bytesRead).toBe(700);
    await writing;
    expect(writer.bytesWritten).toBe(1033);
    expect(reader.tryRead(new Uint8Array(1000))).toBe(333);
    const reading = reader.read(new Uint8Array(1000));
    writer.tryWrite(sequence(20));
    expect([writer.bytesWritten, reader.bytesRead]).toEqual([1053, 1053]);
    expect(await reading).toBe(20);
  });
});

describe("the ring", () => {
  // Red when: the capacity is 513.
  test("PIPE_CAPACITY is 512 [PIPE-002]", () => {
    expect(PIPE_CAPACITY).toBe(512);
  });

  // Red when: the capacity is 513.
  test.for([512, 513, 1033, 70_000])(
    "PipeWriter.tryWrite() accepts 512 of %i bytes while nothing is read [PIPE-002]",
    async (size) => {
      const { reader, writer } = pipe();
      expect(writer.tryWrite(sequence(size))).toBe(512);
      expect(writer.tryWrite(sequence(1))).toBe(0);
      const into = new Uint8Array(1033);
      expect(await reader.read(into)).toBe(512);
      expectSequence(into.subarray(0, 512));
    },
  );

  // Red when: each write takes up room for at least two bytes.
  test("PipeWriter.tryWrite() accepts 512 single bytes while nothing is read [PIPE-002]", () => {
    const { writer } = pipe();
    for (let count = 0; count < 512; count++) expect(writer.tryWrite(sequence(1, count))).toBe(1);
    expect(writer.tryWrite(sequence(1))).toBe(0);
  });

  // Red when: a read does not free the room of its bytes.
  test("PipeWriter.tryWrite() accepts as much as was read from a full ring [PIPE-002]", () => {
    const { reader, writer } = pipe();
    writer.tryWrite(sequence(512));
    for (const [size, position] of [
      [1, 0],
      [511, 1],
      [100, 512],
      [511, 612],
    ] as const) {
      const into = new Uint8Array(size);
      expect(reader.tryRead(into)).toBe(size);
      expectSequence(into, position);
      expect(writer.tryWrite(sequence(1033, position + 512))).toBe(size);
    }
  });

  // Red when: pipe() has an option for the capacity.
  test("pipe() has no option for the capacity [PIPE-002]", () => {
    const options = { capacity: 4096, highWaterMark: 4096, size: 4096 };
    const { writer } = pipe(options as object);
    expect(writer.tryWrite(sequence(4096))).toBe(512);
  });

  // Red when: the ring takes 1,024 bytes regardless of PIPE_CAPACITY.
  test("PipeWriter.write() is never more than 512 bytes ahead of the reader [PIPE-002]", async () => {
    const { reader, writer } = pipe();
    const progress = { bytes: 0 };
    const writing = writer.write(sequence(20_000), { progress });
    let position = 0;
    for (let reads = 0; reads < 200 && position < 20_000; reads++) {
      expect(progress.bytes - position).toBeLessThanOrEqual(512);
      const into = new Uint8Array(2 ** (reads % 11));
      const count = reader.tryRead(into) ?? 0;
      expectSequence(into.subarray(0, count), position);
      position += count;
      if (reads % 7 === 0) await settle(1);
    }
    expect(position).toBe(20_000);
    expect(await writing).toBe(20_000);
  });
});

describe("waiting writes", () => {
  // Red when: arrays are delivered as a whole without the transfer option.
  test.for([1, 511, 512])(
    "PipeWriter.write() resolves with %i while nothing is read, once the ring has all of it [PIPE-003]",
    async (size) => {
      const { writer } = pipe();
      expect(await writer.write(sequence(size))).toBe(size);
    },
  );

  // Red when: write() resolves although its remaining bytes have no room.
  test.for([513, 1024, 1033])(
    "PipeWriter.write() of %i bytes waits while the ring is full [PIPE-003]",
    async (size) => {
      const { writer } = pipe();
      const progress = { bytes: 0 };
      const writing = writer.write(sequence(size), { progress });
      expect(await pending(writing)).toBe(true);
      expect(progress.bytes).toBe(512);
    },
  );

  // Red when: a waiting write resumes only when all of its bytes have been taken.
  test("PipeWriter.write() resolves with the read that makes room for its last byte, and not before [PIPE-003]", async () => {
    const { reader, writer } = pipe();
    const writing = writer.write(sequence(1033));
    expect(await reader.read(new Uint8Array(520))).toBe(520);
    expect(await pending(writing)).toBe(true);
    expect(await reader.read(new Uint8Array(1))).toBe(1);
    expect(await writing).toBe(1033);
    const rest = new Uint8Array(1033);
    expect(await reader.read(rest)).toBe(512);
    expectSequence(rest.subarray(0, 512), 521);
  });

  // Red when: the ring takes 1,024 bytes regardless of PIPE_CAPACITY.
  test("PipeWriter.write() fills the array of a waiting read, then the ring [PIPE-003]", async () => {
    const { reader, writer } = pipe();
    const into = new Uint8Array(1033);
    const reading = reader.read(into);
    expect(await writer.write(sequence(1033 + 512))).toBe(1545);
    expect(await reading).toBe(1033);
    expectSequence(into);
    expect(writer.tryWrite(sequence(1))).toBe(0);
    expect(await reader.read(into)).toBe(512);
    expectSequence(into.subarray(0, 512), 1033);
  });

  // Red when: write() resolves once the waiting read has received its bytes.
  test("PipeWriter.write() waits when one byte fits neither the waiting read nor the ring [PIPE-003]", async () => {
    const { reader, writer } = pipe();
    const reading = reader.read(new Uint8Array(100));
    const writing = writer.write(sequence(613));
    expect(await reading).toBe(100);
    expect(await pending(writing)).toBe(true);
  });
});

describe("the writer's array", () => {
  // Red when: the ring stores a reference to the array, and copies the bytes only when they are read.
  test.for([1, 8, 9, 33, 512])(
    "PipeWriter.write() copies its array of %i bytes, which can be reused once it has resolved [PIPE-004]",
    async (size) => {
      const { reader, writer } = pipe();
      const bytes = sequence(size);
      await writer.write(bytes);
      bytes.fill(0xff);
      const into = new Uint8Array(size);
      await reader.read(into);
      expectSequence(into);
    },
  );

  // Red when: the ring stores a reference to the array, and copies the bytes only when they are read.
  test("PipeWriter.write() copies its array, which can be reused once it has resolved after waiting [PIPE-004]", async () => {
    const { reader, writer } = pipe();
    const bytes = sequence(1033);
    const reused = writer.write(bytes).then(() => bytes.fill(0xff));
    const head = new Uint8Array(521);
    await reader.read(head);
    await reused;
    writer.close();
    const tail = await drain(reader);
    expectSequence(head);
    expectSequence(tail, 521);
    expect(tail.length).toBe(512);
  });

  // Red when: a write that has to wait keeps a copy of its array.
  test("PipeWriter.write() keeps no copy of bytes that wait: the reader reads a later change [PIPE-004]", async () => {
    const { reader, writer } = pipe();
    const bytes = new Uint8Array(1033);
    const writing = writer.write(bytes);
    bytes[1032] = 42;
    const into = new Uint8Array(1033);
    expect(await reader.read(into)).toBe(1033);
    expect(into[1032]).toBe(42);
    await writing;
  });
});

describe("reads", () => {
  // Red when: read() waits to fill its array.
  test.for([1, 511, 512])(
    "PipeReader.read() resolves with the %i bytes that are there [PIPE-005]",
    async (size) => {
      const { reader, writer } = pipe();
      await writer.write(sequence(size));
      expect(await reader.read(new Uint8Array(1033))).toBe(size);
    },
  );

  // Red when: a waiting read settles in a later iteration of the event loop, with all bytes that have arrived by then.
  test("PipeReader.read() that waits resolves with the first bytes that come [PIPE-005]", async () => {
    const { reader, writer } = pipe();
    const into = new Uint8Array(1033);
    const reading = reader.read(into);
    expect(await pending(reading)).toBe(true);
    writer.tryWrite(sequence(1));
    writer.tryWrite(sequence(20, 1));
    expect(await reading).toBe(1);
    expect(await reader.read(into)).toBe(20);
    expectSequence(into.subarray(0, 20), 1);
  });

  // Red when: read() stops at the boundary between two writes.
  test("PipeReader.read() spans several writes [PIPE-005]", async () => {
    const { reader, writer } = pipe();
    for (const [size, start] of [
      [10, 0],
      [1, 10],
      [200, 11],
    ] as const)
      await writer.write(sequence(size, start));
    const into = new Uint8Array(1033);
    expect(await reader.read(into)).toBe(211);
    expectSequence(into.subarray(0, 211));
  });

  // Red when: read() takes the bytes of the ring, but none of the write in progress.
  test.for([
    [513, 1033, 513],
    [1033, 1033, 1033],
    [1033, 1024, 1024],
    [70_000, 69_999, 69_999],
  ] as const)(
    "PipeReader.read() goes on from the ring into the waiting write of %i: %i asked, %i given [PIPE-005]",
    async ([size, asked, given]) => {
      const { reader, writer } = pipe();
      const writing = writer.write(sequence(size));
      const into = new Uint8Array(asked);
      expect(await reader.read(into)).toBe(given);
      expectSequence(into.subarray(0, given));
      expect(await writing).toBe(size);
    },
  );

  // Red when: read() drops the bytes that do not fit its array.
  test("PipeReader.read() gets one write in many reads [PIPE-005]", async () => {
    const { reader, writer } = pipe();
    const writing = writer.write(sequence(1024));
    let position = 0;
    for (let size = 1; size <= 512; size *= 2) {
      const into = new Uint8Array(size);
      expect(await reader.read(into)).toBe(size);
      expectSequence(into, position);
      position += size;
    }
    expect(await writing).toBe(1024);
    expect(await reader.read(new Uint8Array(2))).toBe(1);
  });

  // Red when: read() overwrites the part of its array that it does not fill.
  test("PipeReader.read() changes only those bytes of its array that it counts [PIPE-005]", async () => {
    const { reader, writer } = pipe();
    const buffer = new Uint8Array(600).fill(7);
    writer.tryWrite(new Uint8Array(20).fill(9));
    expect(await reader.read(buffer.subarray(100, 110))).toBe(10);
    expect(await reader.read(buffer.subarray(200, 300))).toBe(10);
    const waiting = reader.read(buffer.subarray(400, 500));
    writer.tryWrite(new Uint8Array(3).fill(9));
    expect(await waiting).toBe(3);
    const touched = [...buffer.entries()].filter(([, byte]) => byte !== 7).map(([index]) => index);
    const counted = [...Array(10).keys()].flatMap((index) => [100 + index, 200 + index]);
    expect(touched).toEqual([...counted, 400, 401, 402].toSorted((a, b) => a - b));
  });
});

describe("nothing to write", () => {
  // Red when: a write of 0 bytes queues behind the others.
  test("PipeWriter.write() of 0 bytes resolves with 0 at once, also while other writes wait [PIPE-008]", async () => {
    const { writer } = pipe();
    expect(await writer.write(new Uint8Array(0))).toBe(0);
    const first = writer.write(sequence(1033));
    expect(await writer.write(new Uint8Array(0))).toBe(0);
    expect(await writer.write(new Uint8Array(0), { transfer: true })).toBe(0);
    expect(await pending(first)).toBe(true);
    expect(writer.bytesWritten).toBe(512);
  });

  // Red when: a write of 0 bytes wakes a waiting read.
  test("PipeWriter.write() of 0 bytes wakes no read [PIPE-008]", async () => {
    const { reader, writer } = pipe();
    const waiting = [reader.read(new Uint8Array(1)), reader.readChunk(), reader.chunks().next()];
    const watched = waiting.map((promise) => watch<unknown>(promise));
    await writer.write(new Uint8Array(0));
    await writer.write(new Uint8Array(0), { transfer: true });
    writer.tryWrite(new Uint8Array(0));
    writer.tryWrite(new Uint8Array(0), { transfer: true });
    await settle();
    expect(watched.map(({ state }) => state)).toEqual(["pending", "pending", "pending"]);
  });

  // Red when: a write of 0 bytes resolves without a check whether the pipe is closed.
  test("PipeWriter.write() of 0 bytes fails on a closed pipe like any write [PIPE-008]", async () => {
    const nothing = new Uint8Array(0);
    const own = pipe();
    own.writer.close();
    await expect(own.writer.write(nothing)).rejects.toMatchObject({
      code: "ERR_CLOSED_PIPE",
      side: "writer",
    });
    expect(() => own.writer.tryWrite(nothing)).toThrow(expect.objectContaining({ code: "ERR_CLOSED_PIPE" }));
    const other = pipe();
    other.reader.close();
    await expect(other.writer.write(nothing)).rejects.toMatchObject({
      code: "ERR_CLOSED_PIPE",
      side: "reader",
    });
    const failed = pipe();
    const error = new Error("the disk is full");
    failed.reader.closeWithError(error);
    await expect(failed.writer.write(nothing)).rejects.toBe(error);
    expect(() => failed.writer.tryWrite(nothing)).toThrow(error);
  });
});

describe("nothing to read into", () => {
  // Red when: a read into 0 bytes waits for bytes.
  test("PipeReader.read() into 0 bytes resolves with 0 at once while the stream has not ended [PIPE-009]", async () => {
    const { reader, writer } = pipe();
    const nothing = new Uint8Array(0);
    expect(await reader.read(nothing)).toBe(0);
    const waiting = reader.read(new Uint8Array(10));
    expect(await reader.read(nothing)).toBe(0);
    expect(reader.tryRead(nothing)).toBe(0);
    expect(await pending(waiting)).toBe(true);
    writer.tryWrite(sequence(11));
    writer.close();
    expect(await waiting).toBe(10);
    expect(await reader.read(nothing)).toBe(0);
    expect(reader.tryRead(nothing)).toBe(0);
  });

  // Red when: a read into 0 bytes never returns the end.
  test("PipeReader.read() into 0 bytes behaves like any read after the end [PIPE-009]", async () => {
    const nothing = new Uint8Array(0);
    const ended = pipe();
    ended.writer.close();
    expect(await ended.reader.read(nothing)).toBe(null);
    expect(ended.reader.tryRead(nothing)).toBe(null);
    const failed = pipe();
    const error = new Error("the disk is gone");
    failed.writer.closeWithError(error);
    await expect(failed.reader.read(nothing)).rejects.toBe(error);
    expect(() => failed.reader.tryRead(nothing)).toThrow(error);
    const own = pipe();
    own.reader.close();
    await expect(own.reader.read(nothing)).rejects.toMatchObject({ code: "ERR_CLOSED_PIPE", side: "reader" });
  });
});
