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
  /** Where the error is made; where a function of another package makes it, the file that calls that. */
  readonly file: string;
  readonly text: Text;
  /** What the error may be. */
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

/** The errors that `new` may make. None if it makes something else. */
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

/** The code that the call around `new Error()` gives it: `coded(new Error("…"), "ERR_TIMEOUT")`. */
function codeGiven({ parent }: NewExpression): string | undefined {
  if (!isCallExpression(parent)) return undefined;
  return parent.arguments.filter((each) => isStringLiteral(each)).find(({ text }) => text.startsWith("ERR_"))
    ?.text;
}

/** The code of a class, which may be that of the class it extends. */
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
 * What a message says. Where a parameter of the function around it is a part of it, every call of that function makes a message of its
 * own, and so on through the functions around the calls.
 */
function messagesOf(sources: Sources, expression: Expression, file: string): Place[] {
  const general = new Map(textsOf(sources, expression, new Map()).map((text) => [wordsOf(text), text]));
  return places(new Map(), file, new Set()).map((place) => {
    // Where a call adds no words, the names of the function itself say more than those of its caller.
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
