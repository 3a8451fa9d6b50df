import { settle } from "./turns.ts";

/** The reasons of the rejections that were unhandled while `work` ran. The test runner's own listeners are removed meanwhile. */
export async function unhandled(work: () => unknown): Promise<unknown[]> {
  const reasons: unknown[] = [];
  const stop = "process" in globalThis ? listenInNode(reasons) : listenInPage(reasons);
  try {
    await work();
    await settle();
  } finally {
    stop();
  }
  return reasons;
}

function listenInNode(reasons: unknown[]): () => void {
  const listeners = process.listeners("unhandledRejection");
  const collect = (reason: unknown): void => {
    reasons.push(reason);
  };
  process.removeAllListeners("unhandledRejection");
  process.on("unhandledRejection", collect);
  return () => {
    process.off("unhandledRejection", collect);
    for (const listener of listeners) process.on("unhandledRejection", listener);
  };
}

function listenInPage(reasons: unknown[]): () => void {
  const collect = (event: PromiseRejectionEvent): void => {
    event.preventDefault();
    event.stopImmediatePropagation();
    reasons.push(event.reason);
  };
  // A capturing listener runs before the listeners that exist already.
  addEventListener("unhandledrejection", collect, { capture: true });
  return () => removeEventListener("unhandledrejection", collect, { capture: true });
}
