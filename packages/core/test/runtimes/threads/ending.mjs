// A thread that writes five bytes, and then ends in the way that its message names.

import { workerData } from "node:worker_threads";
import { attachWriter } from "@pipe512/core/shared";

const { writerHandle, ending } = workerData;
attachWriter(writerHandle).writeSync(new Uint8Array(5));
if (ending === "throws") throw new RangeError("out of paper");
if (typeof ending === "number") process.exit(ending);
