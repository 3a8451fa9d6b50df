// Sends a CSV file: node producer.ts FILE. You can kill it and start it again at any time.
import { createReadStream } from "node:fs";
import { connect } from "@nats-io/transport-node";
import { natsWriter, prepareNatsPipes } from "@pipe512/nats";

const file = process.argv[2] ?? "orders.csv";
const connection = await connect({ servers: process.env["NATS"] ?? "localhost", maxReconnectAttempts: -1 });
await prepareNatsPipes(connection);

try {
  const writer = await natsWriter(connection, "orders");
  console.log(`sending ${file} from byte ${writer.position}`);
  // The position in the pipe is the position in the file, so the program stores no state.
  for await (const chunk of createReadStream(file, { start: writer.position })) await writer.write(chunk);
  await writer.finish();
  console.log(`all ${writer.position} bytes were sent and processed`);
} catch (error) {
  const { code, cause } = error as { code?: unknown; cause?: unknown };
  if (code !== "ERR_CLOSED_PIPE" || cause !== undefined) throw error;
  console.log((error as Error).message); // An earlier run was killed after the end.
}
await connection.close();
