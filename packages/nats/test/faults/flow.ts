import { deepEqual } from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { type NatsReader, type NatsWriter, natsReader, natsWriter } from "@pipe512/nats";
import type { Machines } from "../support/machines.ts";
import { drain, feed } from "../support/transfer.ts";

/** A small window, so that writers wait for room, and a lease that outlives what the faults take. */
export const options = { window: 262_144, lease: 3000 };

/** Opens both ends. */
export function open({ writing, reading }: Machines): Promise<[NatsWriter, NatsReader]> {
  return Promise.all([
    natsWriter(writing.connection, "pipe", options),
    natsReader(reading.connection, "pipe", options),
  ]);
}

/** Moves bytes while `faults` happen, and a little longer, and checks that what was read is what was written. */
export async function flow(machines: Machines, faults: () => Promise<void>): Promise<void> {
  const [writer, reader] = await open(machines);
  let isOver = false;
  const feeding = feed(writer, () => isOver);
  const draining = drain(reader);
  draining.catch(() => {}); // Awaited below.
  feeding.catch(() => {});
  await sleep(100);
  await faults();
  await sleep(100);
  isOver = true;
  const written = await feeding;
  const finished = writer.finish();
  deepEqual(await draining, written);
  await reader.commit();
  await finished;
}
