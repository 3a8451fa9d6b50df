import { connect as connectTcp } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { jetstreamManager } from "@nats-io/jetstream";
import { copy, lines, pipe, readAll, writeText } from "@pipe512/core";
import { natsReader, natsWriter, prepareNatsPipes, sweepNatsPipes } from "@pipe512/nats";
import { sequence } from "@pipe512/testing/bytes";
import { rejection, watch } from "@pipe512/testing/promises";
import { unhandled } from "@pipe512/testing/unhandled";
import { describe, expect, vi } from "vitest";
import { type Machines, test } from "./support/nats.ts";

const options = { window: 16_384, lease: 3000 };

const open = ({ writing, reading }: Machines, name = "pipe") =>
  Promise.all([natsWriter(writing.connection, name, options), natsReader(reading.connection, name, options)]);

/** Waits until `condition` holds. */
async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let turn = 0; !(await condition()); turn++) {
    if (turn > 500) throw new Error("It did not come true within 5 s");
    await sleep(10);
  }
}

describe("writing", () => {
  // Red when: write() resolves once the window has taken the bytes.
  test("NatsWriter.write() resolves when the server has stored, and not before [NATS-005]", async ({
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
    expect(await writer.write(sequence(2, 511))).toBe(2); // Its answer answers for all before it.
    expect(writing).toMatchObject({ state: "fulfilled", value: 511 });
  });

  // Red when: flush() resolves when the server has stored.
  test("NatsWriter.flush() resolves when the reader has committed, and not before [NATS-005]", async ({
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

  // Red when: the error of a writer that is closed is always marked as handled.
  test("An error that no call gets surfaces as an unhandled rejection, once the writer is closed [NATS-009]", async ({
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

  // Red when: tryWrite() takes bytes past the window.
  test("NatsWriter.tryWrite() takes what fits, and 0 once the window is full [NATS-004]", async ({
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
    writer.close();
    expect(await readAll(reader)).toEqual(sequence(taken));
  });

  // Red when: the option `signal` is not looked at.
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

describe("reading", () => {
  // Red when: "manual" commits as "auto" does.
  test('natsReader() with "manual" goes on after what was committed, and with `from` after that [NATS-002]', async ({
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
    await first.read(into);
    const second = await natsReader(reading.connection, "pipe", manual);
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

  // Red when: the record of a reader that opens says what was committed in place of `from`.
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

  // Red when: tryRead() does not commit what earlier reads have got.
  test("NatsReader.tryRead() and tryReadChunk() read what has come, and commit as read() does [NATS-005]", async ({
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

  // Red when: leaving the loop closes the pipe behind the reader alone.
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

  // Red when: the iteration's signal closes the pipe behind the reader alone, where the end has come.
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
  test("NatsReader[Symbol.asyncDispose]() resolves when the server knows that it is closed [NATS-006]", async ({
    machines,
  }) => {
    const [writer, reader] = await open(machines);
    await writer.write(sequence(10));
    await reader[Symbol.asyncDispose]();
    await machines.reading.connection.close();
    expect(await rejection(writer.finish())).toMatchObject({ code: "ERR_CLOSED_PIPE", side: "reader" });
  });

  // Red when: a closed connection ends no session.
  test("A connection that is closed is an AbandonedPipeError, after the bytes that have come [NATS-009]", async ({
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
    expect(await rejection(natsWriter(machines.writing.connection, "other"))).toMatchObject({
      name: "ClosedConnectionError",
    });
  });

  // Red when: the record is stored once, at the start.
  test("A record is stored anew once a day, so that the server does not forget it [NATS-007]", async ({
    machines,
  }) => {
    const lease = 300;
    await natsReader(machines.reading.connection, "pipe", { ...options, lease });
    const manager = await jetstreamManager(machines.writing.connection);
    const sequenceOf = async () =>
      (await manager.streams.getMessage("P512", { last_by_subj: "p512.r.pipe" }))?.seq;
    const first = await sequenceOf();
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 86_400_001 });
    try {
      await until(async () => (await sequenceOf()) !== first);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe("names and options", () => {
  // Red when: a record that is not open does not matter.
  test("A name is used once: natsWriter() and natsReader() say where the pipe has ended [NATS-003]", async ({
    machines,
  }) => {
    const { writing, reading } = machines;
    const [writer, reader] = await open(machines);
    await writer.write(sequence(1033));
    const finished = writer.finish();
    expect(await readAll(reader)).toEqual(sequence(1033));
    await reader.commit();
    await finished;
    const ended = { code: "ERR_CLOSED_PIPE", bytesWritten: 1033 };
    const message = expect.stringContaining(
      'pipe "pipe" has ended at 1033: all of its bytes were read; a name is used once',
    );
    expect(await rejection(natsWriter(writing.connection, "pipe", options))).toMatchObject({
      ...ended,
      message,
    });
    expect(await rejection(natsReader(reading.connection, "pipe", options))).toMatchObject({
      ...ended,
      message,
    });
    const manager = await jetstreamManager(writing.connection);
    await until(async () =>
      (await manager.streams.list().next()).every(({ config }) => config.name === "P512"),
    );
  });

  // Red when: an earlier writer's end is not looked for.
  test("natsWriter() after an earlier writer's end is closed, and finish() tells when all is read [NATS-003]", async ({
    machines,
  }) => {
    const { server, writing, reading } = machines;
    const first = await natsWriter(writing.connection, "pipe", options);
    await first.write(sequence(511));
    first.close();
    await sleep(50);
    const connection = await server.connect();
    const second = await natsWriter(connection, "pipe", options);
    expect(second.position).toBe(511);
    expect(await rejection(second.write(sequence(1)))).toMatchObject({
      code: "ERR_CLOSED_PIPE",
      side: "writer",
    });
    const reader = await natsReader(reading.connection, "pipe", options);
    const finished = second.finish();
    expect(await readAll(reader)).toEqual(sequence(511));
    await reader.commit();
    await finished;
    await connection.close();
  });

  // Red when: both sides use what they were given, without a comparison.
  test("natsReader() with other options than the writer's says both [NATS-004]", async ({ machines }) => {
    const { writing, reading } = machines;
    await natsWriter(writing.connection, "pipe", options);
    expect(
      await rejection(natsReader(reading.connection, "pipe", { ...options, window: 65_536 })),
    ).toMatchObject({
      name: "RangeError",
      message: expect.stringMatching(/window 16384.*window 65536.*give both sides the same options/),
    });
  });

  // Red when: any of the options is taken as it is.
  test("Names and options are validated, in one line each [NATS-004]", async ({ machines }) => {
    const { connection } = machines.writing;
    const wrong: ReadonlyArray<readonly [unknown, unknown, string]> = [
      ["", {}, 'TypeError: name must be 1 to 64 of A-Z, a-z, 0-9, "_" and "-"; got ""'],
      ["a.b", {}, 'TypeError: name must be 1 to 64 of A-Z, a-z, 0-9, "_" and "-"; got "a.b"'],
      ["a".repeat(65), {}, "TypeError: name must be 1 to 64"],
      [7, {}, 'TypeError: name must be 1 to 64 of A-Z, a-z, 0-9, "_" and "-"; got 7'],
      ["a", { window: "1" }, 'TypeError: window must be a number; got "1"'],
      ["a", { window: 4095 }, "RangeError: window must be an integer from 4096 to 1073741824; got 4095"],
      ["a", { chunk: 511 }, "RangeError: chunk must be an integer from 512 to 262144; got 511"],
      ["a", { window: 8192, chunk: 2049 }, "RangeError: chunk must be an integer from 512 to 2048; got 2049"],
      ["a", { lease: 0 }, "RangeError: lease must be an integer from 300 to 3600000; got 0"],
      ["a", { storage: "disk" }, 'TypeError: storage must be "file" or "memory"; got "disk"'],
      ["a", { replicas: 6 }, "RangeError: replicas must be an integer from 1 to 5; got 6"],
      ["a", { signal: {} }, "TypeError: signal must be an AbortSignal; got [object Object]"],
      ["a", { from: -1 }, "RangeError: from must be an integer from 0"],
      ["a", { commit: "yes" }, 'TypeError: commit must be "auto" or "manual"; got "yes"'],
    ];
    for (const [name, given, message] of wrong)
      expect(String(await rejection(natsReader(connection, name as string, given as object)))).toContain(
        message,
      );
    const noConnection = connectTcp({ port: machines.server.port, host: "127.0.0.1" }).on("error", () => {});
    expect(String(await rejection(natsWriter(noConnection as never, "a")))).toMatch(
      /^TypeError: connection must be a connection of nats.js 3; got \[object Object\]/,
    );
    noConnection.destroy();
    expect(String(await rejection(sweepNatsPipes(connection, { olderThan: -1 })))).toMatch(
      /^RangeError: olderThan must be/,
    );
    expect(String(await rejection(prepareNatsPipes(connection, { replicas: 0 })))).toMatch(
      /^RangeError: replicas must be/,
    );
  });

  // Red when: a missing stream of records is taken for a server that is not ready.
  test("natsWriter() says what to do where prepareNatsPipes() was never called [NATS-005]", async ({
    machines,
  }) => {
    const { connection } = machines.writing;
    await (await jetstreamManager(connection)).streams.delete("P512");
    expect(await rejection(natsWriter(connection, "pipe"))).toMatchObject({
      message:
        'Cannot look up pipe "pipe": the server has no stream P512; call prepareNatsPipes(connection) once',
    });
  });

  // Red when: streams are swept whatever their age.
  test("sweepNatsPipes() deletes what nothing will read, and nothing else [NATS-004]", async ({
    machines,
  }) => {
    const { writing } = machines;
    const [, reader] = await open(machines, "open");
    const unread = await natsWriter(writing.connection, "unread", options);
    await unread.write(sequence(5));
    expect(await sweepNatsPipes(writing.connection, { olderThan: 60_000 })).toEqual([]);
    expect(await sweepNatsPipes(writing.connection, { olderThan: 0 })).toEqual(["unread"]);
    await reader[Symbol.asyncDispose]();
    const manager = await jetstreamManager(writing.connection);
    await until(async () => (await manager.streams.list().next()).length === 1);
  });

  // Red when: an end has no tryWrite(), readChunk() or closed, or they do not do what the core's helpers take for granted.
  test("The core's helpers work on both ends, and so does a pipe on this machine [NATS-001]", async ({
    machines,
  }) => {
    const [writer, reader] = await open(machines);
    const local = pipe();
    const copying = copy(local.reader, writer).then(() => writer.finish());
    void writeText(local.writer, "one\ntwo\nthree").then(() => local.writer.close());
    const texts: string[] = [];
    for await (const line of lines(reader)) texts.push(line);
    await reader.commit();
    await copying;
    expect(texts).toEqual(["one", "two", "three"]);
  });

  // Red when: the lease of an end lasts 30 ms.
  test("100 idle pipes cost little of a processor, and lose no end [NATS-007]", { timeout: 20_000 }, async ({
    machines,
  }) => {
    const { writing, reading } = machines;
    const pipes = await Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        Promise.all([
          natsWriter(writing.connection, `idle-${index}`, { window: 16_384 }),
          natsReader(reading.connection, `idle-${index}`, { window: 16_384 }),
        ]),
      ),
    );
    const before = process.cpuUsage();
    await sleep(5000);
    const { user, system } = process.cpuUsage(before);
    const millisecondsASecond = (user + system) / 1000 / 5;
    expect(millisecondsASecond).toBeLessThan(60); // 20 on a machine that does nothing else, with both ends in one process.
    for (const [writer] of pipes) expect(await writer.write(sequence(1))).toBe(1);
    console.info(`100 idle pipes: ${millisecondsASecond.toFixed(1)} ms of CPU a second`);
  });
});
