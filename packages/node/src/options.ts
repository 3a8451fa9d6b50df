import { abortable, describe, requireInteger } from "@pipe512/core/adapter";

/** Options of all streams of this package. They mean the same as Node's own, except `highWaterMark` and `signal`. */
export interface StreamOptions {
  /**
   * The number of bytes that Node may buffer in addition to the pipe, on each side of the stream. The mark of the
   * writable side is at least 1, because Node never treats a stream with a mark of 0 as writable. That adds no byte:
   * the stream is full as soon as it has anything to write.
   *
   * @default {0}
   */
  readonly highWaterMark?: number | undefined;
  /** Aborting it destroys the stream with `signal.reason`. (Node's own streams are destroyed with an AbortError.) */
  readonly signal?: AbortSignal | undefined;
  /** Whether the stream is destroyed once it has ended or failed. @default {true} */
  readonly autoDestroy?: boolean | undefined;
  /** Whether the stream emits `close` once it is destroyed. @default {true} */
  readonly emitClose?: boolean | undefined;
  /** Whether a rejection of an async event listener destroys the stream. @default {false} */
  readonly captureRejections?: boolean | undefined;
}

/** Options of a readable stream. */
export interface ReadableOptions extends StreamOptions {
  /** Like `highWaterMark`, for the readable side only. `highWaterMark` has precedence, as in Node. */
  readonly readableHighWaterMark?: number | undefined;
  /**
   * The maximum number of bytes of one read, an integer of at least 1. A transferred array is delivered whole.
   *
   * @default {65536}
   */
  readonly chunkSize?: number | undefined;
  /** Delivers strings in this encoding instead of Buffers. Characters are never split. */
  readonly encoding?: BufferEncoding | undefined;
}

/** Options of functions that accept bytes. */
export interface TransferOptions {
  /**
   * Transfers ownership of each written array instead of copying it: the caller must not touch it again. A waiting
   * consumer gets the same memory if the array spans its buffer.
   *
   * @default {false}
   */
  readonly transfer?: boolean | undefined;
}

/** Options of a writable stream. */
export interface WritableOptions extends StreamOptions, TransferOptions {
  /** Like `highWaterMark`, for the writable side only. `highWaterMark` has precedence, as in Node. */
  readonly writableHighWaterMark?: number | undefined;
  /** Whether strings are encoded when they are written, so that `writableLength` counts bytes. @default {true} */
  readonly decodeStrings?: boolean | undefined;
  /** The encoding of strings written without an encoding. @default {"utf8"} */
  readonly defaultEncoding?: BufferEncoding | undefined;
}

/** Options of a duplex stream. */
export interface DuplexOptions extends ReadableOptions, WritableOptions {
  /**
   * Whether the writable side stays open after the readable side has ended.
   *
   * @default {true}
   */
  readonly allowHalfOpen?: boolean | undefined;
  /** Whether the stream is readable. If not, writes to the other end fail. @default {true} */
  readonly readable?: boolean | undefined;
  /** Whether the stream is writable. If not, the other end ends at once. @default {true} */
  readonly writable?: boolean | undefined;
}

/** The default of `chunkSize`. */
const CHUNK_SIZE = 65_536;

const COMMON = ["highWaterMark", "signal", "autoDestroy", "emitClose", "captureRejections"];
const READABLE = [...COMMON, "readableHighWaterMark", "chunkSize", "encoding"];
const WRITABLE = [...COMMON, "writableHighWaterMark", "transfer", "decodeStrings", "defaultEncoding"];
const DUPLEX = [...READABLE, ...WRITABLE, "allowHalfOpen", "readable", "writable"];
const BOOLEANS = [
  "autoDestroy",
  "emitClose",
  "captureRejections",
  "transfer",
  "decodeStrings",
  "allowHalfOpen",
  "readable",
  "writable",
];

/** The options for Node's constructors. `signal` is omitted, because Node would replace its reason by an AbortError. */
interface Settings {
  readonly readableHighWaterMark: number;
  readonly writableHighWaterMark: number;
  readonly [option: string]: unknown;
}

/** Checked options: those of Node's constructor, and the maximum number of bytes of one read. */
interface Checked {
  readonly settings: Settings;
  readonly chunkSize: number;
}

export const readableOptions = (options: ReadableOptions): Checked => checked(options, READABLE);
export const writableOptions = (options: WritableOptions): Checked => checked(options, WRITABLE);
export const duplexOptions = (options: DuplexOptions): Checked => checked(options, DUPLEX);

/**
 * Checks the options of a stream before it is made (NODE-017).
 *
 * @throws {TypeError} If an option is of the wrong type.
 * @throws {TypeError} If an option is not in `names`.
 * @throws {RangeError} If a number is out of its range.
 */
function checked(given: DuplexOptions, names: readonly string[]): Checked {
  if (typeof given !== "object" || given === null) {
    throw new TypeError(`options must be an object; got ${describe(given)}`);
  }
  const options: Record<string, unknown> = {};
  for (const name in given) {
    const value = (given as Record<string, unknown>)[name];
    if (value !== undefined) options[name] = value;
  }
  for (const [name, value] of Object.entries(options)) requireOption(name, value, names);
  const { signal, chunkSize = CHUNK_SIZE, transfer: _, highWaterMark, ...settings } = options;
  const mark = (name: string): number => {
    const value = highWaterMark ?? options[name] ?? 0;
    requireInteger("highWaterMark" in options ? "highWaterMark" : name, value, 0);
    return value;
  };
  requireInteger("chunkSize", chunkSize, 1);
  if (signal !== undefined) abortable(signal as AbortSignal);
  const readableHighWaterMark = mark("readableHighWaterMark");
  const writableHighWaterMark = Math.max(1, mark("writableHighWaterMark"));
  return { settings: { ...settings, readableHighWaterMark, writableHighWaterMark }, chunkSize };
}

function requireOption(name: string, value: unknown, names: readonly string[]): void {
  if (!names.includes(name)) {
    if (name.endsWith("bjectMode") && value === false) return;
    throw new TypeError(`${name} must be omitted: ${reasonAgainst(name)}; got ${describe(value)}`);
  }
  if (BOOLEANS.includes(name) && typeof value !== "boolean") {
    throw new TypeError(`${name} must be a boolean; got ${describe(value)}`);
  }
  // Node checks `encoding` itself, but not `defaultEncoding` in every version.
  if (name === "defaultEncoding" && !Buffer.isEncoding(value as string)) {
    throw new TypeError(`defaultEncoding must be an encoding that Buffer supports; got ${describe(value)}`);
  }
}

function reasonAgainst(name: string): string {
  if (name.endsWith("bjectMode")) return "a pipe carries bytes";
  if (["read", "write", "writev", "final", "construct", "destroy", "transform", "flush"].includes(name)) {
    return "the pipe implements it; put a Transform before or after this stream";
  }
  return "this stream has no such option";
}
