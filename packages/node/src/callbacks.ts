import { AsyncResource } from "node:async_hooks";
import type { Writable } from "node:stream";
import { destroyed } from "./errors.ts";

/** What Node gives for a write or an end to call back. */
export type Callback = (error?: Error | null) => void;

/** What the callback is told that {@link tell} is calling now. */
let refusal: Error | undefined;

/**
 * Anything where Node takes a callback: a function runs in the AsyncLocalStorage context of its caller, and also gets the
 * error of a stream that was destroyed without one.
 */
export function inContext(argument: unknown): any {
  if (typeof argument !== "function") return argument;
  return AsyncResource.bind((error?: Error | null) => {
    const reason = error ?? refusal;
    refusal = undefined;
    (argument as Callback)(reason);
  });
}

/**
 * Calls a write of `stream` back with `error`. Node makes an error of a write the error of its stream, also where that was
 * destroyed without one (NODE-004), so that Node is told of a success then, and the caller's callback of the error.
 */
export function tell(stream: Writable, callback: Callback, error: Error): void {
  if (!stream.destroyed || stream.errored) {
    callback(error);
    return;
  }
  refusal = error;
  try {
    callback();
  } finally {
    refusal = undefined;
  }
}

/**
 * Ends a stream by `end`, which is Node's own. Node forgets the callback of an `end()` that comes after a destroy, or during which the
 * stream is destroyed, so that is called here. It is called once.
 */
export function endOf(stream: Writable, args: readonly unknown[], end: (...args: any[]) => unknown): void {
  const callback = args.find((argument) => typeof argument === "function") as Callback | undefined;
  if (callback === undefined) {
    end(...args);
    return;
  }
  let isTold = false;
  const once: Callback = inContext((error?: Error | null) => {
    if (!isTold) callback(error);
    isTold = true;
  });
  if (!stream.destroyed || stream.writableFinished) {
    end(...args.map((argument) => (argument === callback ? once : argument)));
  }
  if (stream.destroyed && !stream.writableFinished) {
    process.nextTick(once, stream.errored ?? destroyed("end"));
  }
}
