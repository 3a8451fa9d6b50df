import { setTimeout as sleep } from "node:timers/promises";
import { jetstreamManager } from "@nats-io/jetstream";
import { readAll } from "@pipe512/core";
import { natsReader, natsWriter } from "@pipe512/nats";
import { sequence } from "@pipe512/testing/bytes";
import { rejection, watch } from "@pipe512/testing/promises";
import { unhandled } from "@pipe512/testing/unhandled";
import { describe, expect, vi } from "vitest";
import { open, options, until } from "./support/ends.ts";
import { test } from "./support/nats.ts";

vi.setConfig({ testTimeout: 30_000 }); // Real servers, on machines that may be busy.

describe("writing", () => {
  // Red when: write() resolves once the window has accepted the bytes.
  test("NatsWriter.write() resolves when the server has stored the bytes, and not before [NATS-005]", async ({
    machines,
  }) => {
    const [writer] = await open(machines);
    machines.writing.proxy.drop = (_subject, payload) => payload.includes('"stream":"P512_');
    const writing = watch(writer.write(sequence(511)));
    const manager = await jetstreamManager(machines.reading.connection);
    await until(async () => (await manager.streams.info("P512_pipe")).state.messages > 1);
    await sleep(50);
    expect(writing.state).toBe("pending");
    machines.writing.proxy.drop = () => false;
    expect(await writer.write(sequence(2, 511))).toBe(2); // Its answer confirms all frames before it.
    expect(writing).toMatchObject({ state: "fulfilled", value: 511 });
  });

  // Red when: flush() resolves when the server has stored the bytes.
  test("NatsWriter.flush() resolves when the reader has committed the bytes, and not before [NATS-005]", async ({
    machines,
  }) => {
    const [writer, reader] = await open(machines);
    await writer.write(sequence(1033));
    const flushing = watch(writer.flush());
    expect(await reader.read(new Uint8Array(2000))).toBe(1033);
    await sleep(50);
    expect(flushing.state).toBe("pending");
    await reader.commit();
    await until(() => flushing.state === "fulfilled");
    const { signal } = new AbortController();
    await writer.flush({ signal });
    expect(await rejection(writer.flush({ signal: AbortSignal.abort("stop") }))).toBe("stop");
  });

  // Red when: Window.hasRoom() is always true.
  test("Unread bytes stay within the window, and the stream within max_bytes [NATS-004]", async ({
    machines,
  }) => {
    const [writer, reader] = await open(machines);
    const writes = Array.from({ length: 100 }, (_, index) => writer.write(sequence(1033, 1033 * index)));
    const settled = writes.map((write) => watch(write));
    const manager = await jetstreamManager(machines.reading.connection);
    const state = async () => (await manager.streams.info("P512_pipe")).state;
    await until(async () => (await state()).bytes > 8000);
    await sleep(100);
    const unread = settled.filter(({ state: how }) => how === "fulfilled").length * 1033;
    expect(unread).toBeGreaterThan(4096);
    expect(unread).toBeLessThanOrEqual(16_384);
    const { config } = await manager.streams.info("P512_pipe");
    let most = 0;
    const into = new Uint8Array(1033);
    for (let read = 0; read < 103_300; ) {
      read += (await reader.read(into)) ?? 0;
      most = Math.max(most, (await state()).bytes);
    }
    await Promise.all(writes);
    expect(most).toBeLessThanOrEqual(config.max_bytes);
  });

  // Red when: finish() resolves when the end is stored.
  test("NatsWriter.finish() resolves when the reader has read everything, and not before [NATS-005]", async ({
    machines,
  }) => {
    const [writer, reader] = await open(machines);
    await writer.write(sequence(513));
    const finishing = watch(writer.finish());
    expect(await rejection(writer.write(sequence(1)))).toMatchObject({
      code: "ERR_CLOSED_PIPE",
      side: "writer",
    });
    expect(await reader.read(new Uint8Array(513))).toBe(513);
    await sleep(100);
    expect(finishing.state).toBe("pending");
    expect(await reader.read(new Uint8Array(1))).toBeNull();
    await reader.commit();
    await until(() => finishing.state === "fulfilled");
    expect([writer.position, reader.position]).toEqual([513, 513]);
    expect(await rejection(writer.finish({ signal: AbortSignal.abort("stop") }))).toBe("stop");
  });

  // Red when: the error of a closed writer is always marked as handled.
  test("After the writer is closed, an error that no call receives becomes an unhandled rejection [NATS-009]", async ({
    machines,
  }) => {
    const reasons = await unhandled(async () => {
      const writer = await natsWriter(machines.writing.connection, "pipe", options);
      machines.writing.proxy.drop = () => true;
      writer.close();
      await machines.writing.connection.close();
    });
    expect(reasons).toMatchObject([{ code: "ERR_ABANDONED_PIPE" }]);
  });

  // Red when: tryWrite() accepts bytes beyond the window.
  test("NatsWriter.tryWrite() accepts the bytes that fit, and 0 once the window is full [NATS-004]", async ({
    machines,
  }) => {
    const [writer, reader] = await open(machines);
    let taken = 0;
    for (let idle = 0; idle < 20; ) {
      const count = writer.tryWrite(sequence(1033, taken));
      taken += count;
      idle = count === 0 ? idle + 1 : 0;
      await sleep(2);
    }
    expect(taken).toBeGreaterThan(8192);
    expect(taken).toBeLessThanOrEqual(16_384 + 4096 + 512);
    const [, bytes] = await Promise.all([writer.finish(), readAll(reader)]);
    expect(bytes).toEqual(sequence(taken));
  });

  // Red when: the option `signal` is ignored.
  test("The signal of natsWriter() closes the writer with its reason [NATS-006]", async ({ machines }) => {
    const { writing, reading } = machines;
    const controller = new AbortController();
    const writer = await natsWriter(writing.connection, "pipe", { ...options, signal: controller.signal });
    const reader = await natsReader(reading.connection, "pipe", options);
    await writer.write(sequence(5));
    controller.abort(new Error("enough"));
    expect(await rejection(readAll(reader))).toMatchObject({ message: "enough" });
    expect(await rejection(writer.write(sequence(1)))).toMatchObject({
      code: "ERR_CLOSED_PIPE",
      side: "writer",
    });
    const signal = AbortSignal.abort("at once");
    expect(await rejection(natsWriter(writing.connection, "other", { ...options, signal }))).toBe("at once");
  });
});
