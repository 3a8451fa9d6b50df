import { workerData } from "node:worker_threads";
import { attachWriter, type SharedHandle } from "@pipe512/core/shared";

// A thread that writes numbered lines, and blocks while the pipe is full.

const { handle, count } = workerData as { handle: SharedHandle<"writer">; count: number };
const writer = attachWriter(handle);
const encoder = new TextEncoder();
for (let number = 0; number < count; number++) writer.writeSync(encoder.encode(`line ${number}\n`));
writer.close();
