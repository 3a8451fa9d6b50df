import { pipe } from "@pipe512/core";
import { joined, sequence } from "@pipe512/testing/bytes";
import { rejection } from "@pipe512/testing/promises";
import { describe, expect, test } from "vitest";

describe("write()", () => {
  // Red when: progress is set only when the call settles.
  test("PipeWriter.write() keeps progress.bytes at what it has moved, while it waits [PIPE-015]", async () => {
    const { reader, writer } = pipe();
    const progress = { bytes: 99 };
    const writing = writer.write(sequence(3000), { progress });
    expect(progress.bytes).toBe(512);
    let read = 0;
    for (const size of [1, 511, 513, 1024]) {
      read += reader.tryRead(new Uint8Array(size)) ?? 0;
      expect(progress.bytes).toBeGreaterThanOrEqual(read);
      expect(progress.bytes).toBeLessThanOrEqual(read + 512);
      expect(progress.bytes).toBe(writer.bytesWritten);
    }
    reader.tryRead(new Uint8Array(3000));
    expect(progress.bytes).toBe(3000);
    expect(await writing).toBe(3000);
    expect(progress.bytes).toBe(3000);
  });

  // Red when: a call does not set its progress to 0 at its beginning.
  test("PipeWriter.write() sets progress.bytes to 0 at the start, for every earlier value and every outcome [PIPE-015]", async () => {
    const { writer } = pipe();
    const progress = { bytes: 99 };
    await writer.write(sequence(200), { progress });
    expect(progress.bytes).toBe(200);
    await writer.write(sequence(300), { progress });
    expect(progress.bytes).toBe(300);
    await writer.write(sequence(0), { progress });
    expect(progress.bytes).toBe(0);
    progress.bytes = 99;
    await rejection(writer.write(sequence(5), { progress, signal: AbortSignal.abort() }));
    expect(progress.bytes).toBe(0);
    progress.bytes = 99;
    writer.close();
    await rejection(writer.write(sequence(5), { progress }));
    expect(progress.bytes).toBe(0);
  });

  // Red when: progress counts the bytes of the whole pipe.
  test("PipeWriter.write() that is queued has moved nothing [PIPE-015]", async () => {
    const { reader, writer } = pipe();
    const progress = { bytes: 99 };
    const first = writer.write(sequence(1033));
    const second = writer.write(sequence(700), { progress });
    expect(progress.bytes).toBe(0);
    await reader.read(new Uint8Array(1033));
    await first;
    expect(progress.bytes).toBe(512);
    await reader.read(new Uint8Array(700));
    expect(await second).toBe(700);
    expect(progress.bytes).toBe(700);
  });

  // Red when: the count of an aborted write is lost.
  test("PipeWriter.write() leaves the exact count behind when it is aborted, so that it can be resumed [PIPE-015] [PIPE-031]", async () => {
    const { reader, writer } = pipe();
    const controller = new AbortController();
    const progress = { bytes: 0 };
    const bytes = sequence(2000);
    const aborted = rejection(writer.write(bytes, { progress, signal: controller.signal }));
    const head = new Uint8Array(700);
    await reader.read(head);
    controller.abort("stop");
    expect(await aborted).toBe("stop");
    const rest = writer.write(bytes.subarray(progress.bytes));
    const received = [head];
    for (let count = 700; count < 2000; ) {
      const into = new Uint8Array(2000);
      const read = (await reader.read(into)) ?? 0;
      received.push(into.subarray(0, read));
      count += read;
    }
    expect(joined(received)).toEqual(bytes);
    expect(await rest).toBe(2000 - progress.bytes);
  });

  // Red when: ClosedPipeError counts the bytes of the whole pipe.
  test.for([
    ["reader.close()", "reader", "close", "reader"],
    ["writer.closeWithError()", "writer", "closeWithError", "writer"],
  ] as const)(
    "ClosedPipeError.bytesWritten counts what the failed write had moved, after %s [PIPE-015]",
    async ([, side, close]) => {
      const ends = pipe();
      await ends.writer.write(sequence(100));
      const progress = { bytes: 0 };
      const first = rejection(ends.writer.write(sequence(1033), { progress }));
      const second = rejection(ends.writer.write(sequence(5)));
      ends[side][close]("gone");
      expect(await first).toMatchObject({ code: "ERR_CLOSED_PIPE", side, bytesWritten: 412 });
      expect(await second).toMatchObject({ code: "ERR_CLOSED_PIPE", side, bytesWritten: 0 });
      expect(progress.bytes).toBe(412);
    },
  );
});

describe("read()", () => {
  // Red when: read() does not set its progress.
  test("PipeReader.read() keeps progress.bytes at what it has moved [PIPE-015]", async () => {
    const { reader, writer } = pipe();
    const progress = { bytes: 99 };
    writer.tryWrite(sequence(300));
    await reader.read(new Uint8Array(200), { progress });
    expect(progress.bytes).toBe(200);
    await reader.read(new Uint8Array(200), { progress });
    expect(progress.bytes).toBe(100);
    const waiting = reader.read(new Uint8Array(200), { progress });
    expect(progress.bytes).toBe(0);
    writer.tryWrite(sequence(7));
    expect(progress.bytes).toBe(7);
    expect(await waiting).toBe(7);
  });

  // Red when: a call does not set its progress to 0 at its beginning.
  test("PipeReader.read() leaves 0 in progress.bytes where it moved nothing [PIPE-015]", async () => {
    const { reader, writer } = pipe();
    const controller = new AbortController();
    const progress = { bytes: 99 };
    const into = new Uint8Array(10);
    const aborted = rejection(reader.read(into, { progress, signal: controller.signal }));
    controller.abort("stop");
    expect(await aborted).toBe("stop");
    expect(progress.bytes).toBe(0);
    progress.bytes = 99;
    writer.close();
    expect(await reader.read(into, { progress })).toBe(null);
    expect(progress.bytes).toBe(0);
    progress.bytes = 99;
    reader.close();
    await rejection(reader.read(into, { progress }));
    expect(progress.bytes).toBe(0);
  });
});

describe("progress of another call", () => {
  const ways: Record<string, (ends: ReturnType<typeof pipe>) => unknown> = {
    "read()": ({ reader }) => reader.read(new Uint8Array(700)),
    "readChunk()": ({ reader }) => reader.readChunk({ maxBytes: 700 }),
    "next()": ({ reader }) => reader.chunks({ maxBytes: 700 }).next(),
    "tryRead()": ({ reader }) => reader.tryRead(new Uint8Array(700)),
    "tryReadChunk()": ({ reader }) => reader.tryReadChunk({ maxBytes: 700 }),
  };

  // Red when: a call that takes bytes does not set the progress of the write before it returns.
  test.for(Object.keys(ways))(
    "PipeReader.%s sets the progress of the write whose bytes it makes room for before it returns [PIPE-015]",
    async (way) => {
      const ends = pipe();
      const progress = { bytes: 0 };
      const writing = ends.writer.write(sequence(1000), { progress });
      expect(progress.bytes).toBe(512);
      void ways[way]?.(ends);
      expect(progress.bytes).toBe(1000);
      expect(await writing).toBe(1000);
    },
  );

  // Red when: a call that brings bytes does not set the progress of the read before it returns.
  test.for(["write", "tryWrite"] as const)(
    "PipeWriter.%s() sets the progress of the read that waits before it returns [PIPE-015]",
    async (way) => {
      const { reader, writer } = pipe();
      const progress = { bytes: 0 };
      const reading = reader.read(new Uint8Array(100), { progress });
      void writer[way](sequence(10));
      expect(progress.bytes).toBe(10);
      expect(await reading).toBe(10);
    },
  );
});
