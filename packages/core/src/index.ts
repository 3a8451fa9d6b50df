/// <reference lib="esnext.disposable" preserve="true" />

export {
  AbandonedPipeError,
  type ClosedPipeDetails,
  ClosedPipeError,
  NoProgressError,
  type Side,
  UnexpectedEndError,
} from "./errors.ts";
export { type CopyOptions, copy } from "./io/copy.ts";
export { type ByteSource, fromIterable } from "./io/from-iterable.ts";
export { type LinesOptions, lines } from "./io/lines.ts";
export { type ReadAllOptions, readAll } from "./io/read-all.ts";
export { readFull } from "./io/read-full.ts";
export { type ReadTextOptions, readText } from "./io/read-text.ts";
export { type ProducedReader, type ProducerContext, readerFrom } from "./io/reader-from.ts";
export { type WriteTextOptions, writeText } from "./io/write-text.ts";
export { type ConsumedWriter, type ConsumerContext, type WriterTo, writerTo } from "./io/writer-to.ts";
export { type PipeEnds, type PipeOptions, pipe } from "./pipe/ends.ts";
export type { PipeReader } from "./pipe/reader.ts";
export { PIPE_CAPACITY } from "./pipe/ring.ts";
export type { PipeWriter } from "./pipe/writer.ts";
export type {
  ChunkOptions,
  FlushOptions,
  IterationOptions,
  Progress,
  Reader,
  ReadOptions,
  TransferOptions,
  TryWriteOptions,
  WaitOptions,
  WriteOptions,
  Writer,
} from "./types.ts";
