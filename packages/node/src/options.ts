import type { Reader, Writer } from "@pipe512/core";
import { shown } from "./errors.ts";

/** Options of every stream that is made here. */
export interface StreamOptions {
  /**
   * Bytes that Node may buffer on top of what the pipe holds, on either side of the stream.
   *
   * @default {0}
   */
  readonly highWaterMark?: number | undefined;
  /** Aborting it destroys the stream with `signal.reason`. */
  readonly signal?: AbortSignal | undefined;
}

/** Options of a stream that is read. */
export interface ReadableOptions extends StreamOptions {
  /**
   * The most bytes that one read asks for, an integer of at least 1. An array that was given away comes whole.
   *
   * @default {65536}
   */
  readonly chunkSize?: number | undefined;
  /** Delivers strings in this encoding instead of Buffers; characters arrive whole. */
  readonly encoding?: BufferEncoding | undefined;
}

/** Options of whatever takes bytes. */
export interface TransferOptions {
  /**
   * Takes each array that is written as given away, instead of copying it: whoever writes must not touch it again. An
   * array that spans its buffer and reaches a consumer that waits is the same memory.
   *
   * @default {false}
   */
  readonly transfer?: boolean | undefined;
}

/** Options of a stream that is written. */
export interface WritableOptions extends StreamOptions, TransferOptions {}

/** Options of a stream that is both. */
export interface DuplexOptions extends ReadableOptions, TransferOptions {
  /**
   * Whether the writing half stays open when the reading half has ended.
   *
   * @default {true}
   */
  readonly allowHalfOpen?: boolean | undefined;
}

/** The most bytes that one read asks for, unless told otherwise. */
const CHUNK_SIZE = 65_536;

/** What Node's constructors are given. `signal` is not for them: they would make an AbortError of its reason. */
interface Checked {
  readonly highWaterMark: number;
  readonly chunkSize: number;
  readonly encoding?: BufferEncoding;
}

/**
 * Checks the options of a stream before anything is made of them.
 *
 * @throws {TypeError} If one is of the wrong type, or asks for object mode.
 * @throws {RangeError} If a number is out of its range.
 */
export function checked(options: DuplexOptions & { readonly objectMode?: unknown }): Checked {
  const { highWaterMark = 0, chunkSize = CHUNK_SIZE, encoding, signal } = options;
  requireInteger("highWaterMark", highWaterMark, 0);
  requireInteger("chunkSize", chunkSize, 1);
  requireSignal(signal);
  if (Object.keys(options).some((key) => key.endsWith("bjectMode") && options[key as "objectMode"])) {
    throw new TypeError("Cannot make a stream in object mode: a pipe carries bytes, so leave objectMode out");
  }
  return { highWaterMark, chunkSize, ...(encoding && { encoding }) };
}

/** @throws {TypeError} If `signal` is given and no AbortSignal. */
export function requireSignal(signal: AbortSignal | undefined): void {
  if (signal === undefined || typeof Object(signal).aborted === "boolean") return;
  throw new TypeError(`Cannot take ${shown(signal)} for a signal: give an AbortSignal`);
}

function requireInteger(name: string, value: number, least: number): void {
  if (typeof value !== "number")
    throw new TypeError(`Cannot take ${shown(value)} for ${name}: give a number`);
  if (Number.isInteger(value) && value >= least) return;
  throw new RangeError(`Cannot take ${value} for ${name}: give an integer of at least ${least}`);
}

/** @throws {TypeError} If `reader` is none. */
export function requireReader(reader: Reader): void {
  requireMethods(reader, "read", "from", "a Reader");
}

/** @throws {TypeError} If `writer` is none. */
export function requireWriter(writer: Writer): void {
  requireMethods(writer, "write", "to", "a Writer");
}

function requireMethods(end: object, operation: string, preposition: string, what: string): void {
  const methods = [operation, "close", "closeWithError"];
  if (methods.every((name) => typeof Object(end)[name] === "function")) return;
  throw new TypeError(
    `Cannot ${operation} ${preposition} ${shown(end)}: give ${what}, with ${operation}(), close() and closeWithError()`,
  );
}

/** @throws {TypeError} If `stream` is no stream that can do `operation`, or is in object mode. */
export function requireStream(stream: object, operation: "read" | "write", objectMode: boolean): void {
  const methods = [operation, "on", "destroy"];
  if (!methods.every((name) => typeof Object(stream)[name] === "function")) {
    const kind = operation === "read" ? "a Readable" : "a Writable";
    throw new TypeError(`Cannot take ${shown(stream)} for a stream: give ${kind} of node:stream`);
  }
  if (objectMode) {
    throw new TypeError(
      "Cannot use a stream in object mode: a pipe carries bytes, so turn objects into bytes first",
    );
  }
}
