import type { Tasks } from "../programs/shared-tasks.ts";

/** A web worker that carries out a task. */
export interface WebThread {
  readonly worker: Worker;
  /** Resolves when the task begins. */
  readonly ready: Promise<void>;
  /** The value that the task returned, or the error that it threw. It never settles if the worker is terminated first. */
  readonly result: Promise<unknown>;
}

export function inWorker(task: keyof Tasks | "loseEnds" | "throwWithWriter", data?: object): WebThread {
  const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  let begin = (): void => {};
  const ready = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const result = new Promise<unknown>((resolve, reject) => {
    worker.addEventListener("message", ({ data: message }: MessageEvent) => {
      const { ready: begins, error, value } = message as { ready?: true; error?: string; value?: unknown };
      if (begins) return begin();
      if (error === undefined) resolve(value);
      else reject(new Error(error));
      worker.terminate();
    });
    worker.addEventListener("error", (event) => reject(new Error(`The worker failed: ${event.message}`)));
  });
  worker.postMessage({ task, data });
  return { worker, ready, result };
}
