import type { Side } from "../errors.ts";
import { textDecoder, textEncoder } from "../platform.ts";
import { ERROR_BYTES, READER_ERROR_OFFSET, WRITER_ERROR_OFFSET } from "./layout.ts";

/*
 * The record of an error in shared memory, one for each side: a word with its state, then the lengths of name, code and
 * message in bytes, then these three texts in UTF-8.
 */

/** States of a record: a thread is writing it, or it is complete. The first thread that claims it writes its error. */
const CLAIMED = 1;
const WHOLE = 2;
const LENGTHS = 4;
const TEXT = 7;
/** Maximum length of a name or a code, in bytes. */
const SHORT = 64;

/** Writes the error that a side closes with, unless the record is in use. The state word is set after this call. */
export function writeError(words: Int32Array, side: Side, reason: unknown): void {
  const offset = offsetOf(side);
  if (Atomics.compareExchange(words, offset / 4, 0, CLAIMED) !== 0) return;
  const record = new Uint8Array(ERROR_BYTES); // In browsers, TextEncoder does not accept shared memory.
  let at = TEXT;
  for (const [index, text] of textsOf(reason).entries()) {
    const limit = index < 2 ? SHORT : ERROR_BYTES;
    const { written } = textEncoder().encodeInto(
      text,
      record.subarray(at, Math.min(at + limit, ERROR_BYTES)),
    );
    record[LENGTHS + index] = written;
    at += written;
  }
  new Uint8Array(words.buffer, offset + LENGTHS).set(record.subarray(LENGTHS, at));
  Atomics.store(words, offset / 4, WHOLE);
}

/** Reads the error that a side closed with. Returns `undefined` while another thread is still writing it. */
export function readError(words: Int32Array, side: Side): Error | undefined {
  const offset = offsetOf(side);
  if (Atomics.load(words, offset / 4) !== WHOLE) return undefined;
  const record = new Uint8Array(words.buffer, offset, ERROR_BYTES).slice(); // Nor does TextDecoder.
  let at = TEXT;
  const [name = "", code = "", message = ""] = [0, 1, 2].map((index) => {
    const from = at;
    at += record[LENGTHS + index] as number;
    return textDecoder("utf-8", { ignoreBOM: true }).decode(record.subarray(from, at));
  });
  const error = new Error(message);
  Object.defineProperty(error, "name", { value: name, configurable: true, writable: true });
  if (code !== "") Object.assign(error, { code });
  return error;
}

function offsetOf(side: Side): number {
  return side === "writer" ? WRITER_ERROR_OFFSET : READER_ERROR_OFFSET;
}

/** Returns name, code and message. Never throws, because `closeWithError()` must accept any value. */
function textsOf(reason: unknown): [string, string, string] {
  try {
    if (typeof reason !== "object" || reason === null) return ["Error", "", String(reason)];
    const { name, code, message } = reason as Record<"name" | "code" | "message", unknown>;
    if (typeof message === "string") {
      return [typeof name === "string" ? name : "Error", typeof code === "string" ? code : "", message];
    }
  } catch {}
  return ["Error", "", typeof reason === "function" ? "a function" : "an object"];
}
