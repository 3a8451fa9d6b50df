import { setTimeout as sleep } from "node:timers/promises";
import { jetstreamManager } from "@nats-io/jetstream";
import { readAll, readFull } from "@pipe512/core";
import { natsReader, natsWriter } from "@pipe512/nats";
import { sequence } from "@pipe512/testing/bytes";
import { rejection, watch } from "@pipe512/testing/promises";
import { describe, expect, vi } from "vitest";
import { open, options, until } from "./support/ends.ts";
import { test } from "./support/nats.ts";

vi.setConfig({ testTimeout: 30_000 }); // Real servers, on machines that may be busy.

describe("reading", () => {
  // Red when: "manual" commits as "auto" does.
  test('natsReader() with "manual" continues after the committed bytes, and with `from` at that position [NATS-002]', async ({
    machines,
  }) => {
    const { writing, reading } = machines;
    const writer = await natsWriter(writing.connection, "pipe", options);
    await writer.write(sequence(1033));
    const manual = { ...options, commit: "manual" } as const;
    const first = await natsReader(reading.connection, "pipe", manual);
    const into = new Uint8Array(100);
    for (let count = 0; count < 3; count++) await first.read(into);
    await first.commit();
    for (let read = 300; read < 1033; ) read += (await first.read(into)) ?? 0;
    const waiting = rejection(first.read(into)); // With "auto", this one would commit everything.
    await sleep(50);
    const second = await natsReader(reading.connection, "pipe", manual);
    expect(await waiting).toMatchObject({ code: "ERR_CLOSED_PIPE", side: "reader" });
    expect(second.position).toBe(300);
    await second.read(into);
    expect(into).toEqual(sequence(100, 300));
    expect(await rejection(natsReader(reading.connection, "pipe", { ...manual, from: 299 }))).toMatchObject({
      name: "RangeError",
      message: 'from must be at least 300, up to which pipe "pipe" was committed; got 299',
    });
    const third = await natsReader(reading.connection, "pipe", { ...manual, from: 700 });
    await third.read(into);
    expect(into).toEqual(sequence(100, 700));
  });

  // Red when: the record of a new reader contains the committed position in place of `from`.
  test("natsReader() with `from` makes room for a writer that waits [NATS-002]", async ({ machines }) => {
    const { writing, reading } = machines;
    const writer = await natsWriter(writing.connection, "pipe", options);
    const written = watch(writer.write(sequence(40_000)));
    await sleep(100);
    expect(written.state).toBe("pending");
    const reader = await natsReader(reading.connection, "pipe", {
      ...options,
      commit: "manual",
      from: 12_288,
    });
    await reader.read(new Uint8Array(1));
    await reader.commit();
    const rest = readAll(reader);
    rest.catch(() => {});
    await until(() => writer.position > 20_000);
    reader.close();
  });

  // Red when: the reader closes its pipe with the error before the waiting bytes were read.
  test("NatsReader.read() delivers all stored bytes, then the writer's error [NATS-006]", async ({
    machines,
  }) => {
    const [writer, reader] = await open(machines);
    await writer.write(sequence(10_000));
    writer.closeWithError(new RangeError("the disk is full"));
    await sleep(100);
    const into = new Uint8Array(10_000);
    expect(await readFull(reader, into)).toBe(10_000);
    expect(into).toEqual(sequence(10_000));
    expect(await rejection(reader.read(into))).toMatchObject({
      name: "RangeError",
      message: "the disk is full",
    });
  });

  // Red when: a reader ignores the records of other readers.
  test("A pending read rejects as soon as a newer reader takes over, without a write [NATS-008]", async ({
    machines,
  }) => {
    const [, first] = await open(machines);
    const waiting = rejection(first.read(new Uint8Array(1)));
    const connection = await machines.server.connect();
    await natsReader(connection, "pipe", options);
    expect(await waiting).toMatchObject({
      code: "ERR_CLOSED_PIPE",
      message: 'Cannot read: a newer reader has taken over pipe "pipe"',
    });
    expect(await rejection(first.read(new Uint8Array(1)))).toMatchObject({ code: "ERR_CLOSED_PIPE" });
    await connection.close();
  });

  // Red when: tryRead() does not commit the bytes of earlier reads.
  test("NatsReader.tryRead() and tryReadChunk() read the bytes that have come, and commit as read() does [NATS-005]", async ({
    machines,
  }) => {
    const [writer, reader] = await open(machines);
    const into = new Uint8Array(2000);
    expect([reader.tryRead(into), reader.tryReadChunk()]).toEqual([0, undefined]);
    await writer.write(sequence(513));
    await until(() => reader.tryRead(into.subarray(0, 512)) === 512);
    expect(reader.tryReadChunk()).toEqual(sequence(1, 512));
    expect(reader.tryRead(into)).toBe(0);
    await writer.flush();
    writer.close();
    await until(() => reader.tryRead(into) === null);
    await writer.finish();
  });

  // Red when: leaving the loop closes only the pipe behind the reader.
  test("Leaving a loop over a NatsReader closes it, unless preventClose [NATS-006]", async ({ machines }) => {
    const [writer, reader] = await open(machines);
    await writer.write(sequence(1033));
    for await (const chunk of reader.chunks({ maxBytes: 5, preventClose: true })) {
      expect(chunk).toEqual(sequence(5));
      break;
    }
    await writer.write(sequence(1));
    for await (const chunk of reader) {
      expect(chunk[0]).toBe(sequence(1, 5)[0]);
      break;
    }
    await writer.closed;
    expect(await rejection(writer.write(sequence(1)))).toMatchObject({
      code: "ERR_CLOSED_PIPE",
      side: "reader",
    });
    expect(await rejection(reader.commit())).toMatchObject({ code: "ERR_CLOSED_PIPE", side: "reader" });
  });

  // Red when: after the end has come, the iteration's signal closes only the pipe behind the reader.
  test("Aborting a loop over a NatsReader closes it with the reason [NATS-006]", async ({ machines }) => {
    const [writer, reader] = await open(machines);
    await writer.write(sequence(10));
    const finished = writer.finish();
    const controller = new AbortController();
    const chunks = reader.chunks({ maxBytes: 5, signal: controller.signal });
    await chunks.next();
    await sleep(50);
    controller.abort(new Error("no longer wanted"));
    expect(await rejection(chunks.next())).toMatchObject({ message: "no longer wanted" });
    expect(await rejection(finished)).toMatchObject({ message: "no longer wanted" });
  });

  // Red when: [Symbol.asyncDispose]() does not wait for the server.
  test("NatsReader[Symbol.asyncDispose]() resolves when the server has stored that it is closed [NATS-006]", {
    timeout: 30_000,
  }, async ({ machines }) => {
    const [writer, reader] = await open(machines);
    await writer.write(sequence(10));
    machines.reading.proxy.drop = (_subject, payload) => payload.includes('"stream":"P512"');
    const disposing = watch(reader[Symbol.asyncDispose]());
    await writer.closed;
    await sleep(50);
    expect(disposing.state).toBe("pending");
    machines.reading.proxy.drop = () => false;
    await until(() => disposing.state === "fulfilled");
    await machines.reading.connection.close();
    expect(await rejection(writer.finish())).toMatchObject({ code: "ERR_CLOSED_PIPE", side: "reader" });
  });

  // Red when: a closed connection ends no session.
  test("After its connection is closed, a reader gets the bytes that have come, then an AbandonedPipeError [NATS-009]", async ({
    machines,
  }) => {
    const [writer, reader] = await open(machines);
    await writer.write(sequence(1033));
    const into = new Uint8Array(33);
    await reader.read(into);
    const writing = rejection(writer.write(sequence(40_000)));
    await sleep(50);
    await machines.writing.connection.close();
    await machines.reading.connection.close();
    expect(await writing).toMatchObject({ code: "ERR_ABANDONED_PIPE", side: "reader" });
    expect(await rejection(writer.flush())).toMatchObject({ code: "ERR_ABANDONED_PIPE" });
    expect(await reader.read(into)).toBe(33);
    expect(into).toEqual(sequence(33, 33));
    expect(await rejection(readAll(reader))).toMatchObject({ code: "ERR_ABANDONED_PIPE", side: "writer" });
    expect(await rejection(reader.commit())).toMatchObject({ code: "ERR_ABANDONED_PIPE", side: "writer" });
    expect(await rejection(natsWriter(machines.writing.connection, "other"))).toMatchObject({
      name: "ClosedConnectionError",
    });
  });

  // Red when: the record is stored once, at the start.
  test("A record is stored again once a day, so that the server does not delete it [NATS-007]", async ({
    machines,
  }) => {
    // A connection that does not reconnect, because a reconnect stores the record again as well.
    const connection = await machines.server.connect({ pingInterval: 60_000 });
    const reader = await natsReader(connection, "pipe", { ...options, lease: 300 });
    const manager = await jetstreamManager(machines.writing.connection);
    const sequenceOf = async () =>
      (await manager.streams.getMessage("P512", { last_by_subj: "p512.r.pipe" }))?.seq;
    const first = await sequenceOf();
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 86_400_001 });
    try {
      await until(async () => (await sequenceOf()) !== first);
    } finally {
      vi.useRealTimers();
      reader.close(); // Keeps the reader reachable until here: a collected reader would store a record as well.
      await connection.close();
    }
  });
});
