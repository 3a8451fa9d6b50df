// A thread that only waits for one call, and reports when it has settled.

import { parentPort, workerData } from "node:worker_threads";
import { attachReader, SharedCondition, SharedMutex } from "@pipe512/core/shared";

const { what, readerHandle, mutex, condition } = workerData;

parentPort.postMessage("ready");
if (what === "read") await attachReader(readerHandle).read(new Uint8Array(1));
else if (what === "lockAsync") await SharedMutex.lockAsync(mutex);
else await SharedCondition.waitAsync(condition, SharedMutex.lock(new SharedMutex()));
parentPort.postMessage("settled");
