/// <reference lib="esnext.disposable" preserve="true" />

export {
  AbandonedPipeError,
  type ClosedPipeDetails,
  ClosedPipeError,
  NoProgressError,
  type Side,
  UnexpectedEndError,
} from "./errors.ts";
export { type BroadcastOptions, broadcast } from "./io/broadcast.ts";
export {
  type BufferedReader,
  type BufferedReaderOptions,
  bufferedReader,
  type ReadItemOptions,
} from "./io/buffered-reader.ts";
export { type BufferedWriter, type BufferedWriterOptions, bufferedWriter } from "./io/buffered-writer.ts";
export { type ChunksOptions, chunks } from "./io/chunks.ts";
export { concat, type Readers } from "./io/concat.ts";
export { type CopyOptions, copy } from "./io/copy.ts";
export { discard } from "./io/discard.ts";
export { frames } from "./io/frames.ts";
export { type ByteSource, fromIterable } from "./io/from-iterable.ts";
export { type LimitOptions, limit } from "./io/limit.ts";
export { type LinesOptions, lines } from "./io/lines.ts";
export { type PipeToOptions, pipeTo } from "./io/pipe-to.ts";
export { type ReadAllOptions, readAll } from "./io/read-all.ts";
export { readAtLeast } from "./io/read-at-least.ts";
export { readFull } from "./io/read-full.ts";
export { type ReadTextOptions, readText } from "./io/read-text.ts";
export { type ProducedReader, type Producer, type ProducerContext, readerFrom } from "./io/reader-from.ts";
export { type RecordsOptions, records } from "./io/records.ts";
export { type TeeOptions, tee } from "./io/tee.ts";
export { type WriteFrameOptions, writeFrame } from "./io/write-frame.ts";
export { type WriteTextOptions, writeText } from "./io/write-text.ts";
export { type ConsumedWriter, type ConsumerContext, type WriterTo, writerTo } from "./io/writer-to.ts";
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
