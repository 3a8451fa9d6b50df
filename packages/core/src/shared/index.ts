/// <reference lib="esnext.disposable" preserve="true" />

export type { BlockingOptions } from "./call.ts";
export { SharedCondition } from "./condition.ts";
export {
  attachReader,
  attachWriter,
  type SharedPipeHandles,
  type SharedPipeOptions,
  sharedPipe,
} from "./handles.ts";
export type { SharedHandle } from "./memory.ts";
export { SharedMutex, type SharedPlace, type SharedWaitOptions, UnlockToken } from "./mutex.ts";
export { consume, produce, type ThreadContext } from "./produce.ts";
export type { SharedReader } from "./reader.ts";
export { type Supervised, supervise } from "./supervise.ts";
export type { TextLines } from "./text-lines.ts";
export { TimeoutError } from "./timeout-error.ts";
export type { SharedWriter } from "./writer.ts";
