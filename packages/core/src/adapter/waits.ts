import { type AdapterWait, post } from "../pipe/observer.ts";

export type { AdapterWait } from "../pipe/observer.ts";

/**
 * Registers a conversion that contains no pipe, so that the diagnostics list it and its pending calls. Does nothing while
 * no watch is on.
 *
 * @param conversion The object that the caller of the conversion receives. It is held weakly.
 * @param kind The name of the conversion, for reports: `"fromWritable"`.
 * @param maker The function that made it. Reports show the stack above it as the place of creation.
 */
export function converted(conversion: object, kind: string, maker: (...args: never[]) => unknown): void {
  post.observer?.converted(conversion, kind, maker);
}

/**
 * Registers a call of an adapter that waits outside any pipe. Returns a function to call when the wait ends, or `undefined`
 * while no watch is on.
 *
 * @param subject A conversion that {@link converted} registered, or the `PipeReader` or `PipeWriter` that the wait concerns.
 */
export function waits(subject: object, wait: AdapterWait): (() => void) | undefined {
  return post.observer?.waits(subject, wait);
}

/**
 * Calls `make`, which makes a pipe. The diagnostics then show the stack above `maker` as the place where the pipe was made.
 * In nested calls, the outermost `maker` is used.
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

/** Whether a watch is on. An adapter may then wait in a pipe, where the diagnostics observe it, instead of elsewhere. */
export function isWatched(): boolean {
  return post.observer !== undefined;
}
