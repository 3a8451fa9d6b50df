export type { Chunk } from "./bytes.ts";
export { type FromReadableStreamOptions, fromReadableStream } from "./from-readable-stream.ts";
export { type FromWritableStreamOptions, fromWritableStream } from "./from-writable-stream.ts";
export { type PipeStream, type PipeStreamOptions, pipeStream } from "./pipe-stream.ts";
export { type ToReadableStreamOptions, toReadableStream } from "./to-readable-stream.ts";
export { type ToWritableStreamOptions, toWritableStream } from "./to-writable-stream.ts";
