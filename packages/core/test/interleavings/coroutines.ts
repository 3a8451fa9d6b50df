import { readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { compileFunction } from "node:vm";
import * as layout from "../../src/shared/layout.ts";
import type * as lock from "../../src/shared/lock.ts";
import type * as protocol from "../../src/shared/protocol.ts";
import type * as tally from "../../src/shared/tally.ts";

/** An atomic operation that a thread is about to carry out: its name and its arguments. */
export type Step = readonly [name: string, words: Int32Array, index: number, ...values: number[]];

/** A thread that stops before each of its atomic operations, and is resumed with the result. */
export type Thread<T = unknown> = Generator<Step, T, number>;

type Coroutines<Functions> = {
  [Name in keyof Functions]: Functions[Name] extends (...args: infer Args) => infer Result
    ? (...args: Args) => Thread<Result>
    : never;
};

type Sources = typeof protocol & typeof lock & typeof tally;
type Constants = "WANTED" | "NOTIFIED" | "MOST_WAITING";

/**
 * The functions of the pipe between threads, with a pause at each atomic operation. They are generated from the source text: each
 * function becomes a generator, each call of one a `yield*`, and each `Atomics.load(words, index)` a `yield` of the operation.
 *
 * @param capacity The capacity of the ring, small enough that all orders can be explored.
 * @param faults Replacements in the text. It is an error if one of them does not apply.
 */
export function coroutines(
  capacity: number,
  faults: ReadonlyArray<readonly [from: string, to: string]> = [],
): Coroutines<Omit<Sources, Constants>> {
  let text = [copies, ...["protocol.ts", "lock.ts", "tally.ts"].map(source)].join("\n");
  for (const [from, to] of faults) {
    if (!text.includes(from)) throw new Error(`There is no ${from} to break`);
    text = text.replace(from, to);
  }
  const names = Array.from(text.matchAll(/^function (\w+)\(/gm), ([, name]) => name as string);
  text = wrap(text, /\bAtomics\.(\w+)\(/g, ([, operation]) => [`(yield ["${operation}", `, "])"]);
  text = wrap(text, new RegExp(`(?<!function )\\b(${names.join("|")})\\(`, "g"), ([, name]) => [
    `(yield* ${name}(`,
    "))",
  ]);
  text = text.replaceAll(/^function /gm, "function* ");
  const constants = Object.entries({ ...layout, CAPACITY: capacity }).map(
    ([name, value]) => `const ${name} = ${value};`,
  );
  const body = [...constants, text, `return { ${names.join(", ")} };`].join("\n");
  return compileFunction(body)() as Coroutines<Omit<Sources, Constants>>;
}

/** The copies between shared and private memory, each a step of its own. */
const copies = `
function copyIn(ring, position, bytes, from, count) {
  yield ["pause"];
  for (let i = 0; i < count; i += 1) ring[(position + i) & (CAPACITY - 1)] = bytes[from + i];
}
function copyOut(ring, position, into, at, count) {
  yield ["pause"];
  for (let i = 0; i < count; i += 1) into[at + i] = ring[(position + i) & (CAPACITY - 1)];
  yield ["note", , , ...into.slice(at, at + count)];
}`;

function source(name: string): string {
  const text = readFileSync(new URL(`../../src/shared/${name}`, import.meta.url), "utf8");
  const code = stripTypeScriptTypes(text).replaceAll(/\/\*[^]*?\*\/|\/\/.*$/gm, "");
  return code.replaceAll(/^import [^;]*;/gm, "").replaceAll(/^export /gm, "");
}

/** Replaces the text around the arguments of each call that `pattern` matches. */
function wrap(
  text: string,
  pattern: RegExp,
  replacement: (match: RegExpExecArray) => readonly [opening: string, closing: string],
): string {
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    const begin = match.index + match[0].length;
    let end = begin;
    for (let depth = 1; depth > 0; end += 1) depth += text[end] === "(" ? 1 : text[end] === ")" ? -1 : 0;
    const [opening, closing] = replacement(match);
    text = text.slice(0, match.index) + opening + text.slice(begin, end - 1) + closing + text.slice(end);
    pattern.lastIndex = match.index + opening.length;
  }
  return text;
}
