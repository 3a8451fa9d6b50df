import { type AdapterWait, post } from "../pipe/observer.ts";

export type { AdapterWait } from "../pipe/observer.ts";

/**
 * Registers a conversion that has no pipe of its own, so that diagnostics list it and its waits. Does nothing while no watch is on.
 *
 * @param conversion What the caller of the conversion gets. It is not kept alive.
 * @param kind The name of the conversion, for reports: `"fromWritable"`.
 * @param maker The function whose callers are shown as the place where it was made.
 */
export function converted(conversion: object, kind: string, maker: (...args: never[]) => unknown): void {
  post.observer?.converted(conversion, kind, maker);
}

/**
 * Registers a call of an adapter that waits outside of any pipe. Call the result when the wait ends; it is `undefined` while no
 * watch is on.
 *
 * @param subject The `PipeReader` or `PipeWriter` whose pipe it concerns, or a conversion that {@link converted} registered.
 */
export function waits(subject: object, wait: AdapterWait): (() => void) | undefined {
  return post.observer?.waits(subject, wait);
}

/**
 * Makes something that has a pipe inside. Diagnostics then show the callers of `maker` as the place where the pipe was made; of several that call
 * each other, the outermost counts.
 */
export function madeBy<T>(maker: (...args: never[]) => unknown, make: () => T): T {
  if (post.observer === undefined || post.maker !== undefined) return make();
  post.maker = maker;
  try {
    return make();
  } finally {
    post.maker = undefined;
  }
}

/** Whether a watch is on. An adapter may then prefer to wait in a pipe, where diagnostics see it. */
export function isWatched(): boolean {
  return post.observer !== undefined;
}
