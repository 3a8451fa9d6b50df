// The writing process. The other one reads, and measures.
import { connect as connectTcp } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { connect } from "@nats-io/transport-node";
import { natsWriter } from "@pipe512/nats";
import { type Measurement, now } from "./measurement.ts";

/** How many writes are pending at once if they are not awaited. */
const AT_ONCE = 64;
/** The pause between two timed messages. */
const PAUSE_MS = 3;

/** One way to send. */
interface Way {
  /** Resolves when the transport has accepted the bytes. */
  write(bytes: Uint8Array): Promise<unknown>;
  end(): Promise<void>;
}

const measurement = JSON.parse(process.argv[2] ?? "") as Measurement;
await send(await (measurement.carrier === "TCP" ? overTcp() : overNats()), measurement);

async function send(way: Way, { bytes, style, milliseconds }: Measurement): Promise<void> {
  const until = now() + milliseconds;
  if (style === "timed") {
    while (now() < until) {
      const message = new Uint8Array(bytes);
      new DataView(message.buffer).setFloat64(0, now());
      await way.write(message);
      await sleep(PAUSE_MS);
    }
  } else {
    const message = new Uint8Array(bytes).fill(7);
    const atOnce = style === "awaited" ? 1 : Math.max(2, Math.min(AT_ONCE, Math.floor(2 ** 22 / bytes)));
    const writes: Array<Promise<unknown>> = [];
    while (now() < until) {
      writes.push(way.write(message));
      if (writes.length >= atOnce) await writes.shift();
    }
    await Promise.all(writes);
  }
  await way.end();
}

async function overTcp(): Promise<Way> {
  const socket = connectTcp({ port: measurement.port, host: "127.0.0.1", noDelay: true });
  await new Promise((resolve) => socket.once("connect", resolve));
  return {
    write: (bytes) => new Promise((resolve) => socket.write(bytes, resolve)),
    end: () => new Promise((resolve) => socket.end(resolve)),
  };
}

async function overNats(): Promise<Way> {
  const connection = await connect({ servers: `127.0.0.1:${measurement.port}` });
  const { name, window, chunk } = measurement;
  const writer = await natsWriter(connection, name, { window, chunk });
  return {
    write: (bytes) => writer.write(bytes),
    end: async () => {
      await writer.finish();
      await connection.close();
    },
  };
}
