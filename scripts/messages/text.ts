// The text of a message: what of it is fixed, and what each hole of its template may be.
import type { Expression, Identifier, Node, ParameterDeclaration } from "typescript/unstable/ast";
import {
  isArrayBindingPattern,
  isArrayLiteralExpression,
  isArrowFunction,
  isAsExpression,
  isBinaryExpression,
  isBindingElement,
  isBlock,
  isCallExpression,
  isConditionalExpression,
  isElementAccessExpression,
  isFunctionExpression,
  isIdentifier,
  isNonNullExpression,
  isNoSubstitutionTemplateLiteral,
  isNumericLiteral,
  isObjectLiteralExpression,
  isParameterDeclaration,
  isParenthesizedExpression,
  isPropertyAssignment,
  isReturnStatement,
  isStringLiteral,
  isTemplateExpression,
  isVariableDeclaration,
  NodeFlags,
  SyntaxKind,
} from "typescript/unstable/ast";
import { type Callable, calleeOf, callableOf, nameOf, type Sources } from "./sources.ts";

/** A value in a message. */
interface Hole {
  /** The expression, as a reader of the page sees it. */
  readonly label: string;
  /** What it may be, where the code lists that. */
  readonly options: readonly Text[];
  /** The function that returns it, where that has many options: the page lists them once. */
  readonly part?: Part | undefined;
  /** The parameter that it is, so that a call can say what it is. */
  readonly parameter?: ParameterDeclaration | undefined;
}

/** A function that returns one of many texts. */
export interface Part {
  readonly name: string;
  readonly file: string;
  readonly options: readonly Text[];
}

export type Text = readonly (string | Hole)[];

/** What parameters are in one call. `undefined` is an argument that was left out. */
export type Arguments = ReadonlyMap<ParameterDeclaration, Expression | undefined>;

/** Functions that show a value: the message has the value. */
const SHOWING = new Set(["describe", "shown", "String"]);
/** No text of the packages is made by more functions than that, one in another. */
const DEEPEST = 6;
/** A function with more texts than that is a part of its own. */
const MANY = 5;

/** All texts that an expression can be. There are several where a part of it is written as `a ? b : c`. */
export function textsOf(sources: Sources, expression: Expression, given: Arguments, depth = 0): Text[] {
  const recur = (inner: Expression): Text[] => textsOf(sources, inner, given, depth);
  if (isStringLiteral(expression) || isNoSubstitutionTemplateLiteral(expression)) return [[expression.text]];
  if (isNumericLiteral(expression)) return [[expression.text]];
  if (
    isParenthesizedExpression(expression) ||
    isAsExpression(expression) ||
    isNonNullExpression(expression)
  ) {
    return recur(expression.expression);
  }
  if (isConditionalExpression(expression)) {
    return [...recur(expression.whenTrue), ...recur(expression.whenFalse)];
  }
  if (isBinaryExpression(expression)) {
    const kind = expression.operatorToken.kind;
    const number = calculated(kind, recur(expression.left), recur(expression.right));
    if (number !== undefined) return [[number]];
    if (kind === SyntaxKind.PlusToken) return product(recur(expression.left), recur(expression.right));
    if (kind === SyntaxKind.QuestionQuestionToken)
      return [...recur(expression.left), ...recur(expression.right)];
  }
  if (isTemplateExpression(expression)) {
    let texts: Text[] = [[expression.head.text]];
    for (const span of expression.templateSpans) {
      texts = product(product(texts, recur(span.expression)), [[span.literal.text]]);
    }
    return texts;
  }
  if (isCallExpression(expression)) {
    const [shown] = expression.arguments;
    if (shown !== undefined && SHOWING.has(nameOf(expression.expression))) {
      const [only] = textsOf(sources, shown, given, depth)[0] ?? [];
      return [[{ label: typeof only === "object" ? only.label : label(shown), options: [] }]];
    }
    const callable = callableOf(sources.declarationOf(calleeOf(expression)));
    const options = callable === undefined ? [] : returnedBy(callable, expression.arguments);
    if (callable === undefined || options.length <= MANY) return [[{ label: label(expression), options }]];
    const part = {
      name: nameOf(calleeOf(expression)),
      file: sources.fileOf(callable),
      options: returnedBy(callable),
    };
    return [[{ label: label(expression), options: [], part }]];
  }
  if (isIdentifier(expression)) return named(expression);
  if (isElementAccessExpression(expression)) {
    const values = valuesOf(sources.declarationOf(expression.expression));
    const options = values.flatMap((each) => textsOf(sources, each, given, depth + 1));
    return [[{ label: label(expression), options: worthListing(options) }]];
  }
  return [[{ label: label(expression), options: optionsOfType(expression) }]];

  /** What a function returns for the arguments, or for any. */
  function returnedBy(callable: Callable, values?: readonly Expression[]): Text[] {
    if (callable.body === undefined || depth === DEEPEST) return [];
    const inner = new Map(given);
    if (values !== undefined) {
      for (const [index, parameter] of callable.parameters.entries()) inner.set(parameter, values[index]);
    }
    return worthListing(returned(callable.body).flatMap((each) => textsOf(sources, each, inner, depth + 1)));
  }

  function named(name: Identifier): Text[] {
    const declaration = sources.declarationOf(name);
    const plain: Hole = { label: name.text, options: optionsOfType(name) };
    if (declaration === undefined || depth === DEEPEST) return [[plain]];
    if (isParameterDeclaration(declaration)) {
      if (!given.has(declaration)) return [[{ ...plain, parameter: declaration }]];
      const argument = given.get(declaration) ?? declaration.initializer;
      return argument === undefined ? [[plain]] : textsOf(sources, argument, given, depth + 1);
    }
    if (
      isVariableDeclaration(declaration) &&
      declaration.initializer !== undefined &&
      isConstant(declaration)
    ) {
      return ofConstant(name, textsOf(sources, declaration.initializer, given, depth + 1));
    }
    if (isBindingElement(declaration)) {
      const elements = elementsOf(declaration);
      if (elements.length > 0) {
        return ofConstant(
          name,
          elements.flatMap((each) => textsOf(sources, each, given, depth + 1)),
        );
      }
    }
    return [[plain]];
  }

  /** A constant with one text is that text; one that may be several is listed; any other is a value. */
  function ofConstant(name: Identifier, texts: readonly Text[]): Text[] {
    const options = worthListing(texts);
    const [only] = options;
    if (options.length === 1 && only !== undefined) return [only];
    return [[{ label: name.text, options: options.length > 0 ? options : optionsOfType(name) }]];
  }

  function optionsOfType(node: Node): Text[] {
    const strings = sources.stringsOf(node);
    return strings.map((each) => [each]);
  }
}

/** The product of two numbers, the only arithmetic in the bounds of arguments. */
function calculated(
  operator: SyntaxKind,
  [left]: readonly Text[],
  [right]: readonly Text[],
): string | undefined {
  if (operator !== SyntaxKind.AsteriskToken || left === undefined || right === undefined) return undefined;
  const value = Number(fixed(left)) * Number(fixed(right));
  return Number.isInteger(value) ? String(value) : undefined;

  function fixed(text: Text): string | undefined {
    return text.length === 1 && typeof text[0] === "string" ? text[0] : undefined;
  }
}

/** The values of a constant object, one of which `object[key]` is. */
function valuesOf(declaration: Node | undefined): Expression[] {
  if (declaration === undefined || !isVariableDeclaration(declaration)) return [];
  const { initializer } = declaration;
  if (initializer === undefined || !isObjectLiteralExpression(initializer)) return [];
  return initializer.properties.filter((each) => isPropertyAssignment(each)).map((each) => each.initializer);
}

/** Whether a variable keeps its first value. */
function isConstant(declaration: Node): boolean {
  return (declaration.parent.flags & NodeFlags.Const) !== 0;
}

/** Every text of `first`, followed by every one of `second`. */
function product(first: readonly Text[], second: readonly Text[]): Text[] {
  return first.flatMap((before) => second.map((after) => [...before, ...after]));
}

/** The texts, if any has words of its own: a list of values would say nothing. */
function worthListing(texts: readonly Text[]): Text[] {
  const flat = texts.flatMap((text): readonly Text[] => {
    const [only] = text;
    return text.length === 1 && typeof only === "object" && only.options.length > 0 ? only.options : [text];
  });
  return flat.some(hasWords) ? flat : [];
}

/** Whether a text has fixed words, itself or in what a hole of it may be. */
function hasWords(text: Text): boolean {
  return text.some((part) => (typeof part === "string" ? part !== "" : part.options.some(hasWords)));
}

/** The expressions that the name of an array pattern may stand for: `const [a, b] = c ? ["x", "y"] : ["z", ""]`. */
function elementsOf(element: Node): Expression[] {
  const pattern = element.parent;
  if (!isArrayBindingPattern(pattern) || !isVariableDeclaration(pattern.parent)) return [];
  const index = pattern.elements.findIndex((each) => each === element);
  const branches = (node: Expression): Expression[] =>
    isConditionalExpression(node) ? [...branches(node.whenTrue), ...branches(node.whenFalse)] : [node];
  const { initializer } = pattern.parent;
  return (initializer === undefined ? [] : branches(initializer)).flatMap((branch) => {
    const value = isArrayLiteralExpression(branch) ? branch.elements[index] : undefined;
    return value === undefined ? [] : [value];
  });
}

/** What a function returns, by its body: that is an expression where it is an arrow without braces. */
function returned(body: Node): Expression[] {
  if (!isBlock(body)) return [body as Expression];
  const found: Expression[] = [];
  const walk = (node: Node): void => {
    if (isArrowFunction(node) || isFunctionExpression(node)) return;
    if (isReturnStatement(node) && node.expression !== undefined) found.push(node.expression);
    node.forEachChild(walk);
  };
  walk(body);
  return found;
}

/** An expression on one line, without what only the code needs. */
function label(expression: Node): string {
  return expression
    .getText()
    .replaceAll(/\s+/g, " ")
    .replaceAll(/\bthis\.#?/g, "")
    .replaceAll(/\((\w+) as \w+\)/g, "$1");
}
