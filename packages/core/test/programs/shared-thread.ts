import { parentPort, workerData } from "node:worker_threads";
import { type Tasks, tasks } from "./shared-tasks.ts";

// A thread that carries out one task. It posts "ready" at its beginning, and then its result.

const { task, data } = workerData as { task: keyof Tasks; data: never };
parentPort?.postMessage({ ready: true });
try {
  parentPort?.postMessage({ value: await tasks[task](data) });
} catch (error) {
  const { name, message, code } = error as Error & { code?: string };
  parentPort?.postMessage({ error: { name, message, code } });
}
