import { deepEqual, equal, match, ok } from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { natsReader, natsWriter } from "@pipe512/nats";
import { rejection } from "@pipe512/testing/promises";
import type { Machines } from "../support/machines.ts";
import { bytesAt, drain, feed } from "../support/transfer.ts";
import { open, options } from "./flow.ts";

/** A second writer takes over during a transfer. The first one fails, and none of its bytes comes after those of the second. */
export async function twoWriters(machines: Machines): Promise<void> {
  const { server, reading } = machines;
  const [first, reader] = await open(machines);
  const draining = drain(reader);
  const failing = rejection(feed(first, () => false));
  await sleep(150);
  const connection = await server.connect();
  const second = await natsWriter(connection, "pipe", options);
  match(String(await failing), /ClosedPipeError.*a newer writer has taken over pipe "pipe"/);
  match(String(await rejection(first.finish())), /a newer writer/);
  let isOver = false;
  const { position } = second;
  const feeding = feed(second, () => isOver, { position });
  await sleep(100);
  isOver = true;
  const { bytes } = await feeding;
  const finished = second.finish();
  equal((await draining).bytes, bytes);
  await reader.commit();
  await finished;
  await connection.close();
  ok(!reading.connection.isClosed());
}

/** A second reader takes over during a transfer. The first one fails, also while it waits, and one of them or both read every byte. */
export async function twoReaders(machines: Machines): Promise<void> {
  const { server } = machines;
  const [writer, first] = await open(machines);
  let isOver = false;
  const feeding = feed(writer, () => isOver);
  const failing = rejection(drain(first));
  await sleep(150);
  const connection = await server.connect();
  const second = await natsReader(connection, "pipe", options);
  match(String(await failing), /ClosedPipeError.*a newer reader has taken over pipe "pipe"/);
  const draining = drain(second, second.position);
  await sleep(100);
  isOver = true;
  const { bytes } = await feeding;
  const finished = writer.finish();
  equal((await draining).bytes, bytes);
  await second.commit();
  await finished;
  await connection.close();
}

/** The writer is lost permanently. The reader gets all accepted bytes, then an AbandonedPipeError, in time. */
export async function lostWriter(machines: Machines): Promise<void> {
  const [writer, reader] = await open(machines);
  await writer.write(bytesAt(0, 100_000));
  machines.writing.proxy.end();
  const began = Date.now();
  const into = new Uint8Array(100_000);
  for (let read = 0; read < 100_000; ) read += (await reader.read(into.subarray(read))) ?? 0;
  equal(Buffer.compare(into, bytesAt(0, 100_000)), 0);
  const error = await rejection(reader.read(new Uint8Array(1)));
  deepEqual(codeAndSide(error), { code: "ERR_ABANDONED_PIPE", side: "writer" });
  match(String(error), /the writer of pipe "pipe" was lost/);
  expectInTime(began);
  await rejection(reader.read(new Uint8Array(1)));
  equal(codeAndSide(await rejection(reader.commit())).code, "ERR_ABANDONED_PIPE");
  match(
    String(await rejection(natsReader(machines.reading.connection, "pipe", options))),
    /has ended at \d+: its writer was lost/,
  );
}

/** The reader is lost permanently. Pending and later writes reject in time, and a later reader gets the accepted bytes first. */
export async function lostReader(machines: Machines): Promise<void> {
  const [writer, reader] = await open(machines);
  await writer.write(bytesAt(0, 1000));
  equal(await reader.read(new Uint8Array(2000)), 1000);
  machines.reading.proxy.end();
  const began = Date.now();
  const failing = rejection(feed(writer, () => false, { position: 1000 }));
  const error = await failing;
  deepEqual(codeAndSide(error), { code: "ERR_ABANDONED_PIPE", side: "reader" });
  expectInTime(began);
  deepEqual(codeAndSide(await rejection(writer.write(new Uint8Array(1)))).code, "ERR_ABANDONED_PIPE");
  deepEqual(codeAndSide(await rejection(writer.finish())).code, "ERR_ABANDONED_PIPE");
  const connection = await machines.server.connect();
  const late = await natsReader(connection, "pipe", options);
  equal(late.position, 0);
  match(String(await rejection(drain(late))), /AbandonedPipeError.*the reader of pipe "pipe" was lost/);
  ok(late.position > 100_000, `Only ${late.position} bytes were kept`);
  await connection.close();
}

/** How one end closes during a transfer. */
export type Way = "close" | "closeWithError";

export async function leavingWriter(machines: Machines, way: Way): Promise<void> {
  const [writer, reader] = await open(machines);
  let isOver = false;
  const feeding = feed(writer, () => isOver);
  const draining = drain(reader);
  draining.catch(() => {});
  await sleep(150);
  isOver = true;
  if (way === "close") {
    writer.close(); // While writes are pending.
    const { bytes } = await feeding;
    equal((await draining).bytes, bytes);
    await reader.commit();
    await writer.finish();
  } else {
    const { bytes } = await feeding;
    writer.closeWithError(Object.assign(new RangeError("the disk is full"), { code: "ENOSPC" }));
    const error = await rejection(draining);
    deepEqual(
      { ...Object(error), text: String(error) },
      { name: "RangeError", code: "ENOSPC", text: "RangeError: the disk is full" },
    );
    equal(reader.position, bytes);
    match(String(await rejection(writer.finish())), /Cannot finish: the writer of pipe "pipe" closed/);
    const late = await rejection(natsReader(machines.reading.connection, "pipe", options));
    match(String(late), /has ended at \d+: its writer closed with an error/);
    equal(String((late as Error).cause), "RangeError: the disk is full");
  }
}

export async function leavingReader(machines: Machines, way: Way): Promise<void> {
  const [writer, reader] = await open(machines);
  const failing = rejection(feed(writer, () => false));
  const into = new Uint8Array(1033);
  for (let count = 0; count < 100; count++) await reader.read(into);
  const began = Date.now();
  reader[way](Object.assign(new Error("no longer wanted"), { code: "E_STOP" }));
  const error = await failing;
  ok(Date.now() - began < 1000, "The close took more than a second to arrive");
  if (way === "close") {
    deepEqual(codeAndSide(error), { code: "ERR_CLOSED_PIPE", side: "reader" });
    match(
      String(error),
      /Cannot write \d+ bytes: the reader of pipe "pipe" closed|the reader of pipe "pipe" closed/,
    );
  } else {
    equal(String(error), "Error: no longer wanted");
    equal(codeAndSide(error).code, "E_STOP");
  }
  await rejection(writer.write(new Uint8Array(1)));
  await rejection(writer.finish());
  await rejection(reader.read(into));
}

function codeAndSide(error: unknown): { code: unknown; side: unknown } {
  const { code, side } = Object(error) as { readonly code?: unknown; readonly side?: unknown };
  return { code, side };
}

/** Within 5/3 of the lease, and a margin for a busy machine. */
function expectInTime(began: number): void {
  const took = Date.now() - began;
  ok(took < (options.lease * 5) / 3 + 1500, `The error came after ${took} ms`);
}
