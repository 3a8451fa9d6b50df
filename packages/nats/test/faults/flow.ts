import { deepEqual } from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { type NatsReader, type NatsWriter, natsReader, natsWriter } from "@pipe512/nats";
import type { Machines } from "../support/machines.ts";
import { drain, feed } from "../support/transfer.ts";

/** A small window, so that writers wait for room, and a short lease for the tests of ends that are lost. */
export const options = { window: 262_144, lease: 3000 };

/** A lease that is longer than the faults take on a busy machine. */
const LONG_LEASE_MS = 15_000;

/**
 * Opens both ends, the writer first. If both create the pipe at the same time on a server that has just started, about one in 2,000
 * servers of version 2.9.10 ends up with another stream than the one that it confirmed. That is not the subject of these tests.
 */
export async function open(
  { writing, reading }: Machines,
  given = options,
): Promise<[NatsWriter, NatsReader]> {
  const writer = await natsWriter(writing.connection, "pipe", given);
  return [writer, await natsReader(reading.connection, "pipe", given)];
}

/** Moves bytes while `faults` happen, and a little longer, and checks that the bytes read are the bytes written. */
export async function flow(
  machines: Machines,
  faults: () => Promise<void>,
  lease = LONG_LEASE_MS,
): Promise<void> {
  const [writer, reader] = await open(machines, { ...options, lease });
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
