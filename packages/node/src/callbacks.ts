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

/** Whether `end()` comes after a destroy. Node forgets its callback then, so that is called here. */
export function endsTooLate(stream: Writable, ...args: readonly unknown[]): boolean {
  const callback = args.find((argument) => typeof argument === "function") as Callback | undefined;
  if (callback === undefined || !stream.destroyed || stream.writableFinished) return false;
  process.nextTick(callback, destroyed("end"));
  return true;
}
