import { equal, ok } from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Machines } from "../support/machines.ts";
import { Program } from "../support/program.ts";
import { bytesAt } from "../support/transfer.ts";

const TOTAL = 5_000_000;
/** Longer than the start of a program takes on a busy machine. */
const LEASE_MS = 15_000;
const SHORT_LEASE_MS = 3000;

/** The processes that are killed, three times. */
export type Victim = "server" | "reader" | "writer";

/**
 * Runs a producer and a consumer, each as its own program, while `victims` are killed three times at the same moment. In
 * the end the consumer's file has every byte once.
 */
export async function killed(
  { server }: Machines,
  victims: readonly Victim[],
  commit: "auto" | "manual",
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "pipe512-"));
  const file = join(folder, "received");
  writeFileSync(file, "");
  const writer = new Program("producer.ts", [server.port, LEASE_MS, TOTAL]);
  const reader = new Program("consumer.ts", [server.port, LEASE_MS, file, commit]);
  try {
    for (let round = 1; round <= 3; round++) {
      await Promise.race([started(writer, victims.includes("writer") ? round : 1), writer.ended]);
      await Promise.race([started(reader, victims.includes("reader") ? round : 1), reader.ended]);
      await sleep(150);
      await Promise.all(
        victims.map(async (victim) => {
          if (victim === "server") await server.restart();
          else (victim === "reader" ? reader : writer).kill();
        }),
      );
    }
    await Promise.all([writer.ended, reader.ended]);
    const received = readFileSync(file);
    equal(received.length, TOTAL);
    equal(sha256(received), expected());
    ok(
      writer.starts.length + reader.starts.length > 2 || victims.includes("server"),
      "no process was killed during the transfer",
    );
    if (!victims.includes("server"))
      for (const [run, start] of writer.starts.slice(1).entries())
        ok(
          start >= (writer.stored[run] ?? 0),
          `The writer began at ${start}, but ${writer.stored[run]} bytes were stored`,
        );
    if (commit === "auto")
      ok(reader.starts.every((start, index) => start >= (reader.starts[index - 1] ?? 0)));
  } finally {
    writer.end();
    reader.end();
    rmSync(folder, { recursive: true });
  }
}

/** Stops the consumer for longer than its lease. The producer fails. After it continues, the consumer fails too, after all accepted bytes. */
export async function stoppedReader({ server }: Machines): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "pipe512-"));
  const file = join(folder, "received");
  writeFileSync(file, "");
  const writer = new Program("producer.ts", [server.port, SHORT_LEASE_MS, 1e9]);
  const reader = new Program("consumer.ts", [server.port, SHORT_LEASE_MS, file, "manual"]);
  try {
    await started(reader, 1);
    await sleep(300);
    reader.signal("SIGSTOP");
    const began = Date.now();
    const failure = await failed(writer);
    ok(/AbandonedPipeError.*the reader of pipe "pipe" was lost/.test(failure), failure);
    ok(Date.now() - began < SHORT_LEASE_MS * 3, `The writer took ${Date.now() - began} ms`);
    reader.signal("SIGCONT");
    const other = await failed(reader);
    ok(/the reader of pipe "pipe" was lost/.test(other), other);
    const received = readFileSync(file);
    ok(received.length > 0);
    equal(sha256(received), sha256(expectedBytes(received.length)));
  } finally {
    writer.end();
    reader.end();
    rmSync(folder, { recursive: true });
  }
}

/** How a program fails. */
function failed(program: Program): Promise<string> {
  return program.ended.then(
    () => "the program did not fail",
    (error: unknown) => String(error),
  );
}

async function started(program: Program, times: number): Promise<void> {
  for (let turn = 0; program.starts.length < times; turn++) {
    if (turn > 1500) throw new Error("A program did not start within 30 s");
    await sleep(20);
  }
}

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

function expectedBytes(total: number): Buffer {
  const bytes = Buffer.alloc(total);
  for (let at = 0; at < total; at += 65_536) bytes.set(bytesAt(at, Math.min(65_536, total - at)), at);
  return bytes;
}

let known: string | undefined;
function expected(): string {
  known ??= sha256(expectedBytes(TOTAL));
  return known;
}
