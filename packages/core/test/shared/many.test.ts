import { attachReader, attachWriter, sharedPipe } from "@pipe512/core/shared";
import { sequence } from "@pipe512/testing/bytes";
import { rejection } from "@pipe512/testing/promises";
import { pending } from "@pipe512/testing/turns";
import { describe, expect, test } from "vitest";
import { inThread } from "../support/thread.ts";

describe("many threads on one side", () => {
  // Red when: the mutex is released before the call is over; or a woken thread that no longer wants the mutex does not wake the next one.
  test("write whole calls, those of one thread in their order [SHARED-006]", async () => {
    const { readerHandle, writerHandle } = sharedPipe({ writers: "many" });
    const sizes = [1, 511, 2000, 512, 3, 600, 1, 1, 1500, 20];
    const threads = [1, 2, 3].map((mark) => inThread("writeWhole", { handle: writerHandle, mark, sizes }));
    const all = Promise.all(threads.map(({ result }) => result)).then(() =>
      attachWriter(writerHandle).close(),
    );
    const reader = attachReader(readerHandle);
    const frames: number[][] = [];
    const header = new Uint8Array(4);
    const read = async (into: Uint8Array): Promise<boolean> => {
      for (let at = 0; at < into.length; ) {
        const count = await reader.read(into.subarray(at));
        if (count === null) return false;
        at += count;
      }
      return true;
    };
    while (await read(header)) {
      const body = new Uint8Array(new DataView(header.buffer).getUint16(0));
      await read(body);
      const mark = header[3] as number;
      expect(body.every((byte) => byte === mark)).toBe(true);
      frames.push([mark, header[2] as number]);
    }
    await all;
    expect(frames).toHaveLength(30);
    for (const mark of [1, 2, 3]) {
      const calls = frames.filter(([by]) => by === mark).map(([, index]) => index as number);
      expect(calls.toSorted((a, b) => a - b)).toEqual(sizes.map((_, index) => index));
      expect(calls).toEqual(calls.toSorted((a, b) => a - b));
    }
  });

  // Red when: another thread reads in the middle of a full read.
  test("read whole calls, each byte reaches one of them [SHARED-006]", async () => {
    const { readerHandle, writerHandle } = sharedPipe({ readers: "many" });
    const threads = [1, 2, 3].map(() => inThread("readFrames", { handle: readerHandle, size: 700 }));
    const writer = attachWriter(writerHandle);
    for (let frame = 0; frame < 60; frame += 1) await writer.write(new Uint8Array(700).fill(frame));
    writer.close();
    const frames = (await Promise.all(threads.map(({ result }) => result))).flat();
    expect(frames.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 60 }, (_, frame) => frame));
  });

  // Red when: the close of one end does not wait for the writes of another.
  test("SharedWriter.close() lets the writes go on that other ends have issued [SHARED-006] [SHARED-002]", async () => {
    const { readerHandle, writerHandle } = sharedPipe({ writers: "many" });
    const [one, other] = [attachWriter(writerHandle), attachWriter(writerHandle)];
    const reader = attachReader(readerHandle);
    const writing = [one.write(sequence(1033)), other.write(sequence(100, 1033))];
    attachWriter(writerHandle).close();
    await one.closed;
    expect(await rejection(one.write(sequence(1)))).toMatchObject({
      code: "ERR_CLOSED_PIPE",
      side: "writer",
    });
    const received: number[] = [];
    for (const into = new Uint8Array(300); ; ) {
      const count = await reader.read(into);
      if (count === null) break;
      received.push(...into.subarray(0, count));
    }
    expect(received).toEqual([...sequence(1133)]);
    expect(await Promise.all(writing)).toEqual([1033, 100]);
  });

  // Red when: an aborted call stays in the queue of the mutex, or keeps the mutex.
  test("a queued write rejects on abort, and the others go on [SHARED-006] [SHARED-002]", async () => {
    const { readerHandle, writerHandle } = sharedPipe({ writers: "many" });
    const writers = [1, 2, 3].map(() => attachWriter(writerHandle));
    const [first, second, third] = writers as [(typeof writers)[0], (typeof writers)[0], (typeof writers)[0]];
    const reader = attachReader(readerHandle);
    const controllers = [new AbortController(), new AbortController()] as const;
    const writes = [
      first.write(sequence(1033), { signal: controllers[0].signal }),
      second.write(sequence(5), { signal: controllers[1].signal }),
      third.write(sequence(5, 512)),
    ] as const;
    const failed = [rejection(writes[0]), rejection(writes[1])];
    expect(await pending(Promise.race(writes))).toBe(true);
    controllers[1].abort("second");
    controllers[0].abort("first");
    expect(await Promise.all(failed)).toEqual(["first", "second"]);
    const into = new Uint8Array(600);
    expect(await reader.read(into)).toBe(512);
    expect(await writes[2]).toBe(5);
  });
});
