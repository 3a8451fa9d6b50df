import { AsyncResource } from "node:async_hooks";
import type { Writable } from "node:stream";
import { destroyed } from "./errors.ts";

/** What Node gives for a write or an end to call back. */
export type Callback = (error?: Error | null) => void;

/** Anything where Node takes a callback: a function runs in the context of its caller, as AsyncLocalStorage knows it. */
export function inContext(argument: unknown): any {
  return typeof argument === "function" ? AsyncResource.bind(argument as Callback) : argument;
}

/** Whether `end()` comes after a destroy. Node forgets its callback then, so that is called here. */
export function endsTooLate(stream: Writable, ...args: readonly unknown[]): boolean {
  const callback = args.find((argument) => typeof argument === "function") as Callback | undefined;
  if (callback === undefined || !stream.destroyed || stream.writableFinished) return false;
  process.nextTick(callback, destroyed("end"));
  return true;
}
