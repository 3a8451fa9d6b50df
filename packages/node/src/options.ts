import { abortable, describe, requireInteger } from "@pipe512/core/adapter";

/** Options of every stream that is made here. They have the meaning of Node's own, but for `highWaterMark` and `signal`. */
export interface StreamOptions {
  /**
   * Bytes that Node may buffer on top of what the pipe holds, on either side of the stream. Node never takes a
   * `writableHighWaterMark` of 0 for writable, so that is at least 1, which adds nothing: a stream that has anything to
   * write is full.
   *
   * @default {0}
   */
  readonly highWaterMark?: number | undefined;
  /** Aborting it destroys the stream with `signal.reason`. (Node destroys with an AbortError.) */
  readonly signal?: AbortSignal | undefined;
  /** @default {true} */
  readonly autoDestroy?: boolean | undefined;
  /** @default {true} */
  readonly emitClose?: boolean | undefined;
  /** @default {false} */
  readonly captureRejections?: boolean | undefined;
}

/** Options of a stream that is read. */
export interface ReadableOptions extends StreamOptions {
  /** As `highWaterMark`, for the reading side alone. `highWaterMark` goes first, as in Node. */
  readonly readableHighWaterMark?: number | undefined;
  /**
   * The most bytes that one read asks for, an integer of at least 1. A transferred array comes whole.
   *
   * @default {65536}
   */
  readonly chunkSize?: number | undefined;
  /** Delivers strings in this encoding instead of Buffers; characters arrive whole. */
  readonly encoding?: BufferEncoding | undefined;
}

/** Options of everything that takes bytes. */
export interface TransferOptions {
  /**
   * Transfers ownership of each array that is written instead of copying it: the caller must not touch it again. An
   * array that spans its buffer and reaches a consumer that waits is the same memory.
   *
   * @default {false}
   */
  readonly transfer?: boolean | undefined;
}

/** Options of a stream that is written. */
export interface WritableOptions extends StreamOptions, TransferOptions {
  /** As `highWaterMark`, for the writing side alone. `highWaterMark` goes first, as in Node. */
  readonly writableHighWaterMark?: number | undefined;
  /** Whether `writableLength` counts strings in bytes, by encoding them when they are written. @default {true} */
  readonly decodeStrings?: boolean | undefined;
  /** The encoding of strings that are written without one. @default {"utf8"} */
  readonly defaultEncoding?: BufferEncoding | undefined;
}

/** Options of a stream that is both. */
export interface DuplexOptions extends ReadableOptions, WritableOptions {
  /**
   * Whether the writing half stays open when the reading half has ended.
   *
   * @default {true}
   */
  readonly allowHalfOpen?: boolean | undefined;
  /** Whether it can be read. Without it, writes to the other end fail. @default {true} */
  readonly readable?: boolean | undefined;
  /** Whether it can be written. Without it, the other end gets the end at once. @default {true} */
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

/** What Node's constructors are given. `signal` is not among it: Node would make an AbortError of its reason. */
interface Settings {
  readonly readableHighWaterMark: number;
  readonly writableHighWaterMark: number;
  readonly [option: string]: unknown;
}

/** Checked options: what Node's constructor is given, and the most bytes that one read asks for. */
interface Checked {
  readonly settings: Settings;
  readonly chunkSize: number;
}

export const readableOptions = (options: ReadableOptions): Checked => checked(options, READABLE);
export const writableOptions = (options: WritableOptions): Checked => checked(options, WRITABLE);
export const duplexOptions = (options: DuplexOptions): Checked => checked(options, DUPLEX);

/**
 * Checks the options of a stream before anything is made of them (NODE-017).
 *
 * @throws {TypeError} If one is of the wrong type, or is not among `names`.
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
    throw new TypeError(`${name} must be left out: ${reasonAgainst(name)}; got ${describe(value)}`);
  }
  if (BOOLEANS.includes(name) && typeof value !== "boolean") {
    throw new TypeError(`${name} must be a boolean; got ${describe(value)}`);
  }
  // Node checks `encoding`, and not in every version this one.
  if (name === "defaultEncoding" && !Buffer.isEncoding(value as string)) {
    throw new TypeError(`defaultEncoding must be an encoding that Buffer has; got ${describe(value)}`);
  }
}

function reasonAgainst(name: string): string {
  if (name.endsWith("bjectMode")) return "a pipe carries bytes";
  if (["read", "write", "writev", "final", "construct", "destroy", "transform", "flush"].includes(name)) {
    return "the pipe does that, and a Transform can be put before or behind this stream";
  }
  return "this stream has no such option";
}
