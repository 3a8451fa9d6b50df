import { pipe } from "@pipe512/core";
import { awkwardSizes, sequence } from "@pipe512/testing/bytes";
import { rejection, watch } from "@pipe512/testing/promises";
import { pending, settle } from "@pipe512/testing/turns";
import { describe, expect, test } from "vitest";

describe("available and room", () => {
  // Red when: `available` omits the bytes of a pending write, or `room` omits the array of a pending read.
  test.for(awkwardSizes.map((size) => [size] as const))(
    "tryRead() returns `available` bytes, and tryWrite() accepts `room` bytes, after a write of %i bytes [IO-009]",
    async ([size]) => {
      const { reader, writer } = pipe();
      const writing = writer.write(sequence(size));
      expect(reader.available).toBe(size);
      expect(writer.room).toBe(size > 512 ? 0 : 512 - size);
      expect(writer.tryWrite(sequence(2000))).toBe(size > 512 ? 0 : 512 - size);
      expect(reader.tryRead(new Uint8Array(5000))).toBe(Math.max(size, 512));
      await writing;
      expect(reader.available).toBe(0);
      void reader.read(new Uint8Array(700));
      void reader.readChunk({ maxBytes: 33 });
      expect(writer.room).toBe(700 + 33 + 512);
      expect(writer.tryWrite(sequence(2000))).toBe(700 + 33 + 512);
      expect(writer.room).toBe(0);
    },
  );

  // Red when: `room` is not 0 on a closed side; or `available` counts lent bytes.
  test("available and room are 0 where a call would fail or wait [IO-009]", async () => {
    const { reader, writer } = pipe();
    writer.tryWrite(sequence(100));
    const views = reader.views();
    await views.next();
    expect([reader.available, writer.room]).toEqual([0, 412]);
    await views.return?.();
    expect([reader.available, writer.room]).toEqual([0, 0]);
  });
});

describe("ready()", () => {
  // Red when: ready() resolves at once, or never.
  test("reader.ready() resolves once bytes are there, for every way to write them [IO-009]", async () => {
    for (const bring of [
      (writer: ReturnType<typeof pipe>["writer"]) => writer.tryWrite(sequence(1)),
      (writer: ReturnType<typeof pipe>["writer"]) => void writer.write(sequence(1033)).catch(() => {}),
      (writer: ReturnType<typeof pipe>["writer"]) =>
        void writer.write(new Uint8Array(3), { transfer: true }).catch(() => {}),
      (writer: ReturnType<typeof pipe>["writer"]) => writer.close(),
      (writer: ReturnType<typeof pipe>["writer"]) => writer.closeWithError("gone"),
    ]) {
      const { reader, writer } = pipe();
      const ready = watch(reader.ready());
      await settle();
      expect(ready.state).toBe("pending");
      bring(writer);
      await settle();
      expect(ready).toMatchObject({ state: "fulfilled", value: undefined });
      await reader.ready();
    }
    const { reader } = pipe();
    const own = watch(reader.ready());
    reader.close();
    await settle();
    expect(own.state).toBe("fulfilled");
  });

  // Red when: ready() resolves only when the ring is empty; a waiting read does not count as room.
  test("writer.ready() resolves once there is room, or the pipe is closed [IO-009]", async () => {
    for (const make of [
      (reader: ReturnType<typeof pipe>["reader"]) => reader.tryRead(new Uint8Array(1)),
      (reader: ReturnType<typeof pipe>["reader"]) => reader.close(),
      (reader: ReturnType<typeof pipe>["reader"]) => reader.closeWithError("gone"),
    ]) {
      const { reader, writer } = pipe();
      await writer.ready();
      writer.tryWrite(sequence(512));
      const ready = watch(writer.ready());
      await settle();
      expect(ready.state).toBe("pending");
      make(reader);
      await settle();
      expect(ready.state).toBe("fulfilled");
    }
    const { reader, writer } = pipe();
    const writing = writer.write(sequence(1033));
    const ready = writer.ready();
    await reader.read(new Uint8Array(1));
    expect(await pending(ready)).toBe(true); // The pending write takes the room.
    await reader.read(new Uint8Array(1000));
    await writing;
    await ready;
  });

  // Red when: an aborted write does not notify a call of ready() of its room.
  test("writer.ready() resolves when the write that waits over an empty ring is aborted [IO-009] [PIPE-031]", async () => {
    const controller = new AbortController();
    const { writer } = pipe();
    const writing = rejection(writer.write(sequence(1033), { transfer: true, signal: controller.signal }));
    const ready = writer.ready();
    expect(await pending(ready)).toBe(true);
    controller.abort("enough");
    expect(await writing).toBe("enough");
    await ready;
    expect(writer.room).toBe(512);
  });

  // Red when: the abort is ignored, or the call stays registered.
  test("ready({ signal }) rejects with the reason, and with a TypeError for what is not a signal [IO-009]", async () => {
    const { reader, writer } = pipe();
    writer.tryWrite(sequence(512));
    const aborting = new AbortController();
    const reasons = [
      writer.ready({ signal: aborting.signal }),
      pipe().reader.ready({ signal: aborting.signal }),
    ].map(rejection);
    aborting.abort("enough");
    expect(await Promise.all(reasons)).toEqual(["enough", "enough"]);
    expect(await rejection(reader.ready({ signal: AbortSignal.abort(0) }))).toBe(0);
    expect(await rejection(reader.ready({ signal: 5 as never }))).toBeInstanceOf(TypeError);
  });

  // Red when: ready() does not register the other end for loss detection.
  test("ready() resolves when the other end is lost [IO-009] [PIPE-029]", async ({ skip }) => {
    skip(globalThis.gc === undefined, "garbage cannot be collected here");
    const { reader } = pipe();
    const full = (() => {
      const { writer } = pipe();
      writer.tryWrite(sequence(512));
      return writer;
    })();
    const waiting = [watch(reader.ready()), watch(full.ready())];
    for (let round = 0; round < 30 && waiting.some(({ state }) => state === "pending"); round++) {
      globalThis.gc?.();
      await settle();
    }
    expect(waiting.map(({ state }) => state)).toEqual(["fulfilled", "fulfilled"]);
  });
});

describe("tryWrite(bytes, { whole: true })", () => {
  // Red when: a part of the bytes is accepted.
  test("accepts all bytes or none [IO-009]", async () => {
    const { reader, writer } = pipe();
    expect(writer.tryWrite(sequence(500), { whole: true })).toBe(500);
    expect(writer.tryWrite(sequence(13), { whole: true })).toBe(0);
    expect(writer.bytesWritten).toBe(500);
    expect(writer.tryWrite(sequence(12), { whole: true })).toBe(12);
    await reader.read(new Uint8Array(512));
    expect(writer.tryWrite(sequence(513), { whole: true })).toBe(0);
    const reading = reader.read(new Uint8Array(9));
    expect(writer.tryWrite(sequence(521), { whole: true })).toBe(521);
    expect(await reading).toBe(9);
    const chunk = pipe();
    const given = sequence(5000);
    const taking = chunk.reader.readChunk();
    expect(chunk.writer.tryWrite(given, { whole: true, transfer: true })).toBe(5000);
    expect(await taking).toBe(given);
  });
});
