// Writes bytes that encode their position, until there are `total`, starting where an earlier run stopped. It can be killed at any time.
import { setTimeout as sleep } from "node:timers/promises";
import { connect } from "@nats-io/transport-node";
import { natsWriter } from "@pipe512/nats";
import { bytesAt } from "../support/transfer.ts";
import { isEnded, options } from "./options.ts";

const [port, lease, total] = process.argv.slice(2).map(Number) as [number, number, number];
const connection = await connect({
  servers: `127.0.0.1:${port}`,
  maxReconnectAttempts: -1,
  reconnectTimeWait: 50,
  timeout: 1000,
  waitOnFirstConnect: true,
});
try {
  const writer = await natsWriter(connection, "pipe", options(lease));
  console.log(`began at ${writer.position}`);
  for (let position = writer.position; position < total; ) {
    const writes: Array<Promise<number>> = [];
    for (let count = 0; count < 8 && position < total; count++) {
      const bytes = bytesAt(position, Math.min(8191, total - position));
      writes.push(writer.write(bytes));
      position += bytes.length;
    }
    await Promise.all(writes);
    console.log(`stored ${position}`);
    await sleep(10);
  }
  await writer.finish();
} catch (error) {
  if (!isEnded(error)) throw error; // An earlier run was killed after the end.
}
await connection.drain();
