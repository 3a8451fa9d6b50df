import type { Side } from "../errors.ts";
import { textDecoder, textEncoder } from "../platform.ts";
import { ERROR_BYTES, ERROR_OFFSET, ERROR_OWNER } from "./layout.ts";

/*
 * An error in shared memory: who wrote it, the lengths of its name, code and message in bytes, then these three in UTF-8.
 * There is one place for it and two sides. Whoever is second needs none: both sides are closed then, and each sees its own close.
 */

const OWNER = { writer: 1, reader: 2 } as const;
/** Added to the owner once the text is there: where many threads have a side, another one of them may close it before. */
const WHOLE = 4;
const LENGTHS = 4;
const TEXT = 7;
/** Bytes that a name or a code may have. */
const SHORT = 64;

/** Writes down what a side closed with, where no error stands yet. It becomes visible with the state that is set afterwards. */
export function writeError(words: Int32Array, side: Side, reason: unknown): void {
  if (Atomics.compareExchange(words, ERROR_OWNER, 0, OWNER[side]) !== 0) return;
  const record = new Uint8Array(ERROR_BYTES); // The encoder of browsers refuses shared memory.
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
  new Uint8Array(words.buffer, ERROR_OFFSET + LENGTHS).set(record.subarray(LENGTHS, at));
  Atomics.store(words, ERROR_OWNER, OWNER[side] + WHOLE);
}

/** What the side closed with, or `undefined` where its error found no place. */
export function readError(words: Int32Array, side: Side): Error | undefined {
  if (Atomics.load(words, ERROR_OWNER) !== OWNER[side] + WHOLE) return undefined;
  const record = new Uint8Array(words.buffer, ERROR_OFFSET, ERROR_BYTES).slice(); // Neither does its decoder like it.
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

/** Name, code and message. Closing never throws, whatever it is given. */
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
