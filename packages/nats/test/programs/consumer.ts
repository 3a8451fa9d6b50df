// Reads into a file until the end, starting where an earlier run stopped. It can be killed at any time.
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
  const into = new Uint8Array(5 * 1033); // Not a multiple of the write size, so that a commit can fall inside a frame.
  let committed = reader.position;
  for (let position = reader.position; ; position = reader.position) {
    const count = await reader.read(into);
    if (count === null) break;
    // Bytes that were not committed come again, and are written to the same place.
    writeSync(output, into, 0, count, commit === "manual" ? undefined : position);
    if (commit === "manual" && reader.position - committed > given.window / 4) {
      // Commits are rare, so that many read bytes are not committed when this program is killed.
      committed = reader.position;
      reader.commit().catch(() => {}); // The next read fails as well.
    }
  }
  await reader.commit();
} catch (error) {
  if (!isEnded(error)) throw error; // An earlier run was killed after the end.
}
closeSync(output);
await connection.drain();
