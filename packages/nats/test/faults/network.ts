import { equal, match, ok } from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { readAll } from "@pipe512/core";
import { natsReader, natsWriter } from "@pipe512/nats";
import { rejection } from "@pipe512/testing/promises";
import type { Machines } from "../support/machines.ts";
import { bytesAt, drain } from "../support/transfer.ts";
import { flow, options } from "./flow.ts";

/** Cuts connections during a transfer. */
export async function cuts(machines: Machines): Promise<void> {
  await flow(machines, async () => {
    for (let round = 0; round < 8; round++) {
      (round % 2 === 0 ? machines.writing : machines.reading).proxy.cut();
      await sleep(40 + 30 * round);
    }
  });
}

/** Drops the server's answers to publishes of one side, three times, while the connection stays open. */
export async function lostAnswers(machines: Machines, side: "writing" | "reading"): Promise<void> {
  const { proxy } = machines[side];
  const isAnswer = /"stream":"P512/;
  await flow(machines, async () => {
    for (let round = 0; round < 3; round++) {
      proxy.drop = (_subject, payload) => isAnswer.test(payload);
      await sleep(20);
      proxy.drop = () => false;
      await sleep(100);
    }
  });
  ok(proxy.dropped > 0, "no answer was dropped");
}

/** Drops the answer to the end. The reader has the pipe deleted before the writer reads the record. */
export async function lostAnswerToEnd({ writing, reading }: Machines): Promise<void> {
  const writer = await natsWriter(writing.connection, "pipe", options);
  const reader = await natsReader(reading.connection, "pipe", options);
  await writer.write(bytesAt(0, 1033));
  writing.proxy.drop = (subject, payload) => /"stream":"P512_/.test(payload) || subject.startsWith("p512.r.");
  const finished = writer.finish();
  equal((await drain(reader)).bytes, 1033);
  await reader.commit();
  writing.proxy.drop = () => false;
  await finished;
}

/** Holds back the writer's publishes. The writer reconnects and publishes them again, and then the first ones arrive too. */
export async function latePublishes(machines: Machines): Promise<void> {
  const { proxy } = machines.writing;
  await flow(machines, async () => {
    for (let round = 0; round < 3; round++) {
      const held = proxy.hold();
      await sleep(60);
      held.cut();
      await sleep(150);
      held.release();
      await sleep(60);
    }
  });
}

/**
 * Holds back a writer's publishes and abandons the writer. A new writer continues with other bytes at the server's position.
 * Then the old publishes arrive. The server must store none of them.
 */
export async function latePublishesOfDead({ server, writing, reading }: Machines): Promise<void> {
  const old = await natsWriter(writing.connection, "pipe", options);
  const reader = await natsReader(reading.connection, "pipe", options);
  await old.write(new Uint8Array(1000).fill(1));
  const held = writing.proxy.hold();
  const lost = Array.from({ length: 5 }, () => rejection(old.write(new Uint8Array(1033).fill(2))));
  await sleep(20);
  const connection = await server.connect();
  const writer = await natsWriter(connection, "pipe", options);
  equal(writer.position, 1000);
  await writer.write(new Uint8Array(511).fill(3));
  held.release();
  for (const error of await Promise.all(lost)) match(String(error), /a newer writer has taken over/);
  await writer.write(new Uint8Array(7000).fill(4));
  const finished = writer.finish();
  const received = await readAll(reader);
  const expected = Buffer.concat([Buffer.alloc(1000, 1), Buffer.alloc(511, 3), Buffer.alloc(7000, 4)]);
  equal(Buffer.compare(received, expected), 0);
  await reader.commit();
  await finished;
  await connection.close();
}
