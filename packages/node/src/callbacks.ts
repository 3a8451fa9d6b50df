import { AsyncResource } from "node:async_hooks";
import type { Writable } from "node:stream";
import { destroyed } from "./errors.ts";

/** The callback that Node passes to a write or an end. */
export type Callback = (error?: Error | null) => void;

/** The error for the callback that {@link tell} is calling now. */
let refusal: Error | undefined;

/**
 * Wraps a callback: it runs in the AsyncLocalStorage context of its caller, and gets an error even if the stream was
 * destroyed without one. Other values are returned unchanged.
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
 * Calls a write of `stream` back with `error`. Node would make it the error of a stream that was destroyed without one
 * (NODE-004). In that case Node gets a success, and only the caller's callback gets the error.
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
 * Ends a stream by `end`, Node's own method. Node drops the callback of an `end()` if the stream is destroyed before or
 * during it. This function then calls it, always exactly once.
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
