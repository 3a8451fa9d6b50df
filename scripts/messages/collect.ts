// Finds the errors that the sources make, each with its message.
import type { Expression, NewExpression, Node, ParameterDeclaration } from "typescript/unstable/ast";
import {
  isCallExpression,
  isClassDeclaration,
  isConditionalExpression,
  isNewExpression,
  isPropertyDeclaration,
  isStringLiteral,
  isVariableDeclaration,
} from "typescript/unstable/ast";
import { type Callable, nameOf, type Sources, visit } from "./sources.ts";
import { type Arguments, type Text, textsOf } from "./text.ts";

/** A class, and the code of its errors if they have one. */
export interface Kind {
  readonly name: string;
  readonly code: string | undefined;
}

/** One message of one package. */
export interface Message {
  /** The file that makes the error. If a function of another package makes it, the file that calls that function. */
  readonly file: string;
  readonly text: Text;
  /** The possible classes of the error. */
  readonly kinds: readonly Kind[];
}

const ERROR = /(?:Error|DOMException)$/;

export function collect(sources: Sources): Message[] {
  return [...sources.files].flatMap(([file, source]) => {
    const found: Message[] = [];
    visit(source, (node) => {
      if (!isNewExpression(node)) return;
      const [message] = node.arguments ?? [];
      const kinds = kindsOf(sources, node.expression, codeGiven(node));
      if (message === undefined || kinds.length === 0) return;
      for (const place of messagesOf(sources, message, file)) found.push({ ...place, kinds });
    });
    return found;
  });
}

/** The errors that a `new` expression may make. Empty if it makes no error. */
function kindsOf(sources: Sources, name: Expression, code: string | undefined): Kind[] {
  const declaration = sources.declarationOf(name);
  if (declaration !== undefined && isVariableDeclaration(declaration)) {
    const { initializer } = declaration; // const Misuse = isNumber ? RangeError : TypeError
    if (initializer !== undefined && isConditionalExpression(initializer)) {
      return [initializer.whenTrue, initializer.whenFalse].flatMap((each) => kindsOf(sources, each, code));
    }
  }
  if (!ERROR.test(nameOf(name))) return [];
  return [{ name: nameOf(name), code: code ?? codeOf(sources, declaration) }];
}

/** The code that the call around `new Error()` sets: `coded(new Error("…"), "ERR_TIMEOUT")`. */
function codeGiven({ parent }: NewExpression): string | undefined {
  if (!isCallExpression(parent)) return undefined;
  return parent.arguments.filter((each) => isStringLiteral(each)).find(({ text }) => text.startsWith("ERR_"))
    ?.text;
}

/** The code of a class, which may be inherited. */
function codeOf(sources: Sources, declaration: Node | undefined): string | undefined {
  if (declaration === undefined || !isClassDeclaration(declaration)) return undefined;
  for (const member of declaration.members) {
    if (!isPropertyDeclaration(member) || nameOf(member.name) !== "code") continue;
    if (member.initializer !== undefined && isStringLiteral(member.initializer))
      return member.initializer.text;
  }
  const base = declaration.heritageClauses?.[0]?.types[0]?.expression;
  return base === undefined ? undefined : codeOf(sources, sources.declarationOf(base));
}

type Place = Pick<Message, "file" | "text">;

/**
 * The texts of a message. If a text contains a parameter of the enclosing function, each call of that function makes a separate message.
 * The same applies to the functions that enclose these calls.
 */
function messagesOf(sources: Sources, expression: Expression, file: string): Place[] {
  const general = new Map(textsOf(sources, expression, new Map()).map((text) => [wordsOf(text), text]));
  return places(new Map(), file, new Set()).map((place) => {
    // If a call adds no words, the names in the function are clearer than those in its caller.
    const text = general.get(wordsOf(place.text));
    if (text !== undefined) return { file, text };
    return packageOf(place.file) === packageOf(file) ? { file, text: place.text } : place;
  });

  function places(given: Arguments, from: string, passed: ReadonlySet<Node>): Place[] {
    return textsOf(sources, expression, given).flatMap((text) => {
      const owner = parametersIn(text)
        .map(({ parent }) => parent)
        .find((each) => !passed.has(each));
      const calls = owner === undefined ? [] : sources.callsOf(owner);
      if (owner === undefined || calls.length === 0) return [{ file: from, text }];
      return calls.flatMap((call) => {
        const inner = new Map(given);
        const { parameters } = owner as Node & Callable;
        for (const [index, parameter] of parameters.entries()) inner.set(parameter, call.arguments[index]);
        return places(inner, call.file, new Set([...passed, owner]));
      });
    });
  }
}

/** The fixed parts of a text. A number counts as a value. */
function wordsOf(text: Text): string {
  return text.map((part) => (typeof part === "string" ? part.replaceAll(/\d+/g, "\0") : "\0")).join("");
}

function parametersIn(text: Text): ParameterDeclaration[] {
  return text.flatMap((part) => {
    if (typeof part === "string") return [];
    return [
      ...(part.parameter === undefined ? [] : [part.parameter]),
      ...part.options.flatMap((option) => parametersIn(option)),
    ];
  });
}

export function packageOf(file: string): string {
  return file.split("/")[1] ?? "";
}
