import { connect as connectTcp } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { jetstreamManager } from "@nats-io/jetstream";
import { copy, lines, pipe, readAll, writeText } from "@pipe512/core";
import { natsReader, natsWriter, prepareNatsPipes, sweepNatsPipes } from "@pipe512/nats";
import { sequence } from "@pipe512/testing/bytes";
import { rejection } from "@pipe512/testing/promises";
import { describe, expect, vi } from "vitest";
import { open, options, until } from "./support/ends.ts";
import { test } from "./support/nats.ts";

vi.setConfig({ testTimeout: 30_000 }); // Real servers, on machines that may be busy.

describe("names and options", () => {
  // Red when: a record of a pipe that has ended is ignored.
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

  // Red when: the end of an earlier writer is not looked up.
  test("natsWriter() after an earlier writer's end is closed, and finish() resolves when everything is read [NATS-003]", async ({
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

  // Red when: both sides use their own options without a comparison.
  test("natsReader() with other options than the writer's names both sets [NATS-004]", async ({
    machines,
  }) => {
    const { writing, reading } = machines;
    await natsWriter(writing.connection, "pipe", options);
    expect(
      await rejection(natsReader(reading.connection, "pipe", { ...options, window: 65_536 })),
    ).toMatchObject({
      name: "RangeError",
      message: expect.stringMatching(/window 16384.*window 65536.*give both sides the same options/),
    });
  });

  // Red when: an option is used without validation.
  test("Names and options are validated, with a message of one line [NATS-004]", async ({ machines }) => {
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

  // Red when: a missing stream of records counts as a server that is not ready.
  test("natsWriter() says what to do if prepareNatsPipes() was never called [NATS-005]", async ({
    machines,
  }) => {
    const { connection } = machines.writing;
    await (await jetstreamManager(connection)).streams.delete("P512");
    expect(await rejection(natsWriter(connection, "pipe"))).toMatchObject({
      message:
        'Cannot look up pipe "pipe": the server has no stream P512; call prepareNatsPipes(connection) once',
    });
  });

  // Red when: streams are deleted whatever their age.
  test("sweepNatsPipes() deletes the pipes that no reader will read, and no others [NATS-004]", async ({
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

  // Red when: an end lacks tryWrite(), readChunk() or closed, or they differ from what the core's helpers expect.
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
  test("100 idle pipes use little CPU, and lose no end [NATS-007]", { timeout: 60_000 }, async ({
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
    expect(millisecondsASecond).toBeLessThan(60); // 20 on an idle machine, with both ends in one process.
    for (const [writer] of pipes) expect(await writer.write(sequence(1))).toBe(1);
    console.info(`100 idle pipes: ${millisecondsASecond.toFixed(1)} ms of CPU a second`);
  });
});
