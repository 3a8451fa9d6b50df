// Adds up a CSV file that comes through a pipe: node consumer.ts. You can kill it and start it again at any time.
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { connect } from "@nats-io/transport-node";
import { natsReader } from "@pipe512/nats";

const STATE = process.env["STATE"] ?? "state.json";

/** The result so far, and its position in the pipe. Both are in one file, so that no row counts twice. */
const state: { position: number; line: string; rows: number; cents: number } = existsSync(STATE)
  ? JSON.parse(readFileSync(STATE, "utf8"))
  : { position: 0, line: "", rows: -1, cents: 0 }; // The first line is the heading.

const connection = await connect({ servers: process.env["NATS"] ?? "localhost", maxReconnectAttempts: -1 });
try {
  const reader = await natsReader(connection, "orders", { commit: "manual", from: state.position });
  console.log(`continuing at byte ${reader.position}, with ${Math.max(0, state.rows)} rows`);
  for await (const chunk of reader) {
    add(Buffer.from(chunk).toString("latin1"));
    state.position = reader.position;
    writeFileSync(`${STATE}.new`, JSON.stringify(state));
    renameSync(`${STATE}.new`, STATE); // The file always has either the old state or the new one.
    reader.commit().catch(() => {}); // Not awaited: the reader sends commits one at a time.
  }
  await reader.commit(); // Now the producer's finish() resolves.
} catch (error) {
  const { code, cause } = error as { code?: unknown; cause?: unknown };
  if (code !== "ERR_CLOSED_PIPE" || cause !== undefined) throw error; // An earlier run was killed after the end.
}
console.log(`${state.rows} rows, ${(state.cents / 100).toFixed(2)} in total`);
await connection.close();

function add(text: string): void {
  const lines = (state.line + text).split("\n");
  state.line = lines.pop() ?? "";
  for (const line of lines) {
    if (state.rows >= 0) state.cents += Math.round(Number(line.split(",")[1]) * 100);
    state.rows += 1;
  }
}
