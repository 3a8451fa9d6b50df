// A thread that writes a sequence into a pipe and closes it, or reads one to the end and reports how many bytes were right.

import { parentPort, workerData } from "node:worker_threads";
import { attachReader, attachWriter } from "@pipe512/core/shared";

const { handle, total } = workerData;
const byteAt = (position) => Math.imul(position, 0x9e3779b1) >>> 24;

if (handle.side === "writer") {
  const writer = attachWriter(handle);
  parentPort.postMessage("ready");
  for (let at = 0; at < total; ) {
    const size = Math.min(1033, total - at);
    const from = at;
    at += writer.writeSync(Uint8Array.from({ length: size }, (_, index) => byteAt(from + index)));
  }
  writer.close();
} else {
  const reader = attachReader(handle);
  parentPort.postMessage("ready");
  const into = new Uint8Array(700);
  let right = 0;
  for (let count = reader.readSync(into); count !== null; count = reader.readSync(into)) {
    for (let index = 0; index < count; index++) right += into[index] === byteAt(right) ? 1 : 0;
  }
  parentPort.postMessage(right);
}
