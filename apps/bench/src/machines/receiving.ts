import { spawn } from "node:child_process";
import { createServer, type Socket } from "node:net";
import { fileURLToPath } from "node:url";
import { connect } from "@nats-io/transport-node";
import { pipe } from "@pipe512/core";
import { natsReader } from "@pipe512/nats";
import { type Measurement, now } from "./measurement.ts";
import { listen } from "./server.ts";

/** The result of one measurement: bytes a second, or the latency of each message in milliseconds. */
export interface Received {
  readonly bytesPerSecond: number;
  readonly waysMs: readonly number[];
}

/** Receives the bytes, in order. */
class Taking {
  readonly #bytes: number;
  readonly #isTimed: boolean;
  readonly #message: Uint8Array;
  #filled = 0;
  #total = 0;
  #beganMs = 0;
  #endedMs = 0;
  readonly #waysMs: number[] = [];

  constructor({ bytes, style }: Measurement) {
    this.#bytes = bytes;
    this.#isTimed = style === "timed";
    this.#message = new Uint8Array(bytes);
  }

  take(part: Uint8Array): void {
    this.#endedMs = now();
    if (this.#total === 0) this.#beganMs = this.#endedMs;
    this.#total += part.length;
    if (!this.#isTimed) return;
    for (let at = 0; at < part.length; ) {
      const some = part.subarray(at, at + this.#bytes - this.#filled);
      this.#message.set(some, this.#filled);
      this.#filled += some.length;
      at += some.length;
      if (this.#filled < this.#bytes) continue;
      this.#filled = 0;
      this.#waysMs.push(this.#endedMs - new DataView(this.#message.buffer).getFloat64(0));
    }
  }

  received(): Received {
    return { bytesPerSecond: (this.#total / (this.#endedMs - this.#beganMs)) * 1000, waysMs: this.#waysMs };
  }
}

/** From another process, over a socket. */
export async function overTcp(measurement: Measurement): Promise<Received> {
  const taking = new Taking(measurement);
  const server = createServer();
  const port = await listen(server);
  const connected = new Promise<Socket>((resolve) => server.once("connection", resolve));
  const sending = send({ ...measurement, port });
  for await (const chunk of await connected) taking.take(chunk as Uint8Array);
  await sending;
  server.close();
  return taking.received();
}

/** From another process, through a pipe between machines. */
export async function overNats(measurement: Measurement): Promise<Received> {
  const { port, name, window, chunk } = measurement;
  const taking = new Taking(measurement);
  const connection = await connect({ servers: `127.0.0.1:${port}` });
  const sending = send(measurement);
  const reader = await natsReader(connection, name, { window, chunk });
  const into = new Uint8Array(65_536);
  for (let count = await reader.read(into); count !== null; count = await reader.read(into))
    taking.take(into.subarray(0, count));
  await reader.commit();
  await sending;
  await connection.close();
  return taking.received();
}

/** From this process, through a pipe within it. */
export async function inProcess(measurement: Measurement): Promise<Received> {
  const { bytes, milliseconds } = measurement;
  const taking = new Taking(measurement);
  const { reader, writer } = pipe();
  const until = now() + milliseconds;
  const message = new Uint8Array(bytes).fill(7);
  const writing = (async () => {
    while (now() < until) for (let count = 0; count < 16; count++) await writer.write(message);
    writer.close();
  })();
  const into = new Uint8Array(65_536);
  for (let count = await reader.read(into); count !== null; count = await reader.read(into))
    taking.take(into.subarray(0, count));
  await writing;
  return taking.received();
}

function send(measurement: Measurement): Promise<void> {
  const file = fileURLToPath(
    new URL(`./sending${import.meta.url.endsWith(".ts") ? ".ts" : ".js"}`, import.meta.url),
  );
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...process.execArgv, file, JSON.stringify(measurement)], {
      stdio: ["ignore", "inherit", "inherit"],
    });
    child.once("error", reject);
    child.once("exit", (code, signal) => {
      if (code === 0) resolve();
      else reject(new Error(`The writing process ended with ${code ?? signal}`));
    });
  });
}
