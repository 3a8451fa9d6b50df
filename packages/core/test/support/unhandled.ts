import { settle } from "./pending.ts";

/** The reasons of the rejections that nobody handled while `work` ran. The test runner's own listeners stand aside. */
export async function unhandled(work: () => unknown): Promise<unknown[]> {
  const reasons: unknown[] = [];
  const listeners = process.listeners("unhandledRejection");
  const collect = (reason: unknown): void => {
    reasons.push(reason);
  };
  process.removeAllListeners("unhandledRejection");
  process.on("unhandledRejection", collect);
  try {
    await work();
    await settle();
  } finally {
    process.off("unhandledRejection", collect);
    for (const listener of listeners) process.on("unhandledRejection", listener);
  }
  return reasons;
}
