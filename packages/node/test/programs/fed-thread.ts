import { parentPort, workerData } from "node:worker_threads";
import { attachReader, attachWriter, type SharedHandle } from "@pipe512/core/shared";
import { expectSequence, sequence } from "../support/bytes.ts";

// A thread with a blocking pipe. It writes a sequence and closes the pipe, or reads a whole sequence and reports it.

const { handle, total } = workerData as { handle: SharedHandle; total: number };
if (handle.side === "writer") {
  const writer = attachWriter(handle as SharedHandle<"writer">);
  for (let at = 0; at < total; ) at += writer.writeSync(sequence(Math.min(1033, total - at), at));
  writer.close();
} else {
  const reader = attachReader(handle as SharedHandle<"reader">);
  const into = new Uint8Array(total);
  reader.readFullSync(into);
  expectSequence(into, total);
  parentPort?.postMessage(reader.readSync(new Uint8Array(1)));
}
