import { Worker } from "node:worker_threads";
import type { Tasks } from "../programs/shared-tasks.ts";

/** A thread that carries out a task of `programs/shared-thread.ts`. */
export interface Thread<T> {
  readonly worker: Worker;
  /** Resolves when the task begins. */
  readonly ready: Promise<void>;
  /**
   * The result or the error of the task, once its thread has ended: V8 may end a process in which one thread begins while another ends
   * ("Check failed: jit_page.has_value()", nodejs/node#64500). It never settles if the thread dies before that.
   */
  readonly result: Promise<T>;
}

export function inThread<Name extends keyof Tasks>(
  task: Name,
  data: Parameters<Tasks[Name]>[0],
): Thread<Awaited<ReturnType<Tasks[Name]>>> {
  const worker = new Worker(new URL("../programs/shared-thread.ts", import.meta.url), {
    workerData: { task, data },
    execArgv: ["--conditions=@pipe512/source"],
  });
  const { promise: ready, resolve: begin } = Promise.withResolvers<void>();
  const { promise: result, resolve, reject } = Promise.withResolvers<Awaited<ReturnType<Tasks[Name]>>>();
  worker.on("message", (message: { ready?: true; error?: { name: string; message: string } }) => {
    if (message.ready) return begin();
    worker.once("exit", () => {
      if (message.error) reject(Object.assign(new Error(message.error.message), message.error));
      else resolve((message as { value: Awaited<ReturnType<Tasks[Name]>> }).value);
    });
  });
  worker.on("error", reject);
  return { worker, ready, result };
}
