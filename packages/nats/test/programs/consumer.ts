// Reads into a file, from where an earlier run got to, until the end. It can be killed at any point.
import { closeSync, fstatSync, openSync, writeSync } from "node:fs";
import { connect } from "@nats-io/transport-node";
import { natsReader } from "@pipe512/nats";
import { isEnded, options } from "./options.ts";

const [port, lease, file = "", commit] = process.argv.slice(2);
const given = options(Number(lease));
const connection = await connect({
  servers: `127.0.0.1:${port}`,
  maxReconnectAttempts: -1,
  reconnectTimeWait: 50,
  timeout: 1000,
  waitOnFirstConnect: true,
});
const output = openSync(file, commit === "manual" ? "a" : "r+");
try {
  const reader =
    commit === "manual"
      ? await natsReader(connection, "pipe", { ...given, commit, from: fstatSync(output).size })
      : await natsReader(connection, "pipe", given);
  console.log(`began at ${reader.position}`);
  const into = new Uint8Array(5 * 1033); // No multiple of what is written, so that commits fall into the middle of frames.
  let committed = reader.position;
  for (let position = reader.position; ; position = reader.position) {
    const count = await reader.read(into);
    if (count === null) break;
    // What is not committed by itself comes again, to the same place.
    writeSync(output, into, 0, count, commit === "manual" ? undefined : position);
    if (commit === "manual" && reader.position - committed > given.window / 4) {
      // Seldom, so that much of what was read is not committed when this is killed.
      committed = reader.position;
      reader.commit().catch(() => {}); // The next read fails as well.
    }
  }
  await reader.commit();
} catch (error) {
  if (!isEnded(error)) throw error; // An earlier run was killed when everything was done.
}
closeSync(output);
await connection.drain();
