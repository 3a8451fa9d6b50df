export { duplexPair } from "./duplex-pair.ts";
export { fromReadable } from "./from-readable.ts";
export { fromWritable } from "./from-writable.ts";
export type {
  DuplexOptions,
  ReadableOptions,
  StreamOptions,
  TransferOptions,
  WritableOptions,
} from "./options.ts";
export { pipeDuplex } from "./pipe-duplex.ts";
export { toReadable } from "./to-readable.ts";
export { toWritable } from "./to-writable.ts";
