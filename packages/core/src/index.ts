/// <reference lib="esnext.disposable" preserve="true" />

export {
  AbandonedPipeError,
  type ClosedPipeDetails,
  ClosedPipeError,
  type Side,
  UnexpectedEndError,
} from "./errors.ts";
export { type PipeEnds, type PipeOptions, pipe } from "./pipe/ends.ts";
export type { PipeReader } from "./pipe/reader.ts";
export { PIPE_CAPACITY } from "./pipe/ring.ts";
export type { PipeWriter } from "./pipe/writer.ts";
export type {
  ChunkOptions,
  IterationOptions,
  Progress,
  Reader,
  ReadOptions,
  TransferOptions,
  WaitOptions,
  WriteOptions,
  Writer,
} from "./types.ts";
