export { publishDiagnostics } from "./diagnostics-channels.ts";
export { duplexPair } from "./duplex-pair.ts";
export { fromReadable, type ReadableReader } from "./from-readable.ts";
export { fromWritable, type WritableWriter } from "./from-writable.ts";
export type {
  DuplexOptions,
  ReadableOptions,
  StreamOptions,
  TransferOptions,
  WritableOptions,
} from "./options.ts";
export { pipeDuplex } from "./pipe-duplex.ts";
export { type DeadlockOptions, reportDeadlocks } from "./report-deadlocks.ts";
export { toDuplex } from "./to-duplex.ts";
export { toReadable } from "./to-readable.ts";
export { toWritable } from "./to-writable.ts";
