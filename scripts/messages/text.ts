// The text of a message: its fixed parts, and the possible texts of each hole in its template.
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
  /** The expression as it is printed on the page. */
  readonly label: string;
  /** Its possible texts, if the code lists them. */
  readonly options: readonly Text[];
  /** The function that returns it, if that function has many options. The page lists these once. */
  readonly part?: Part | undefined;
  /** The parameter, if it is one. Its value then comes from a call. */
  readonly parameter?: ParameterDeclaration | undefined;
}

/** A function that returns one of many texts. */
export interface Part {
  readonly name: string;
  readonly file: string;
  readonly options: readonly Text[];
}

export type Text = readonly (string | Hole)[];

/** The arguments of one call, by parameter. `undefined` stands for an omitted argument. */
export type Arguments = ReadonlyMap<ParameterDeclaration, Expression | undefined>;

/** Functions that format a value: the message contains the value. */
const SHOWING = new Set(["describe", "shown", "String"]);
/** The maximum depth of nested functions that make a text. No text of the packages exceeds it. */
const DEEPEST = 6;
/** A function with more texts than this is listed as a separate {@link Part}. */
const MANY = 5;

/** All possible texts of an expression. There are several if it contains `a ? b : c`. */
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

  /** The texts that a function returns for these arguments, or for any arguments. */
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

  /** A constant with one text is replaced by it. With several texts it is a hole that lists them, otherwise a plain value. */
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

/** The product of two numbers. The bounds of arguments contain no other arithmetic. */
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

/** The values of a constant object, which are the possible values of `object[key]`. */
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

/** The texts if at least one has fixed words, otherwise none: a list of values would be useless. */
function worthListing(texts: readonly Text[]): Text[] {
  const flat = texts.flatMap((text): readonly Text[] => {
    const [only] = text;
    return text.length === 1 && typeof only === "object" && only.options.length > 0 ? only.options : [text];
  });
  return flat.some(hasWords) ? flat : [];
}

/** Whether a text has fixed words, directly or in the options of a hole. */
function hasWords(text: Text): boolean {
  return text.some((part) => (typeof part === "string" ? part !== "" : part.options.some(hasWords)));
}

/** The possible expressions of a name in an array pattern: `const [a, b] = c ? ["x", "y"] : ["z", ""]`. */
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

/** The expressions that a function returns. The body of an arrow function without braces is one itself. */
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

/** An expression on one line, without `this`, `#` and type assertions. */
function label(expression: Node): string {
  return expression
    .getText()
    .replaceAll(/\s+/g, " ")
    .replaceAll(/\bthis\.#?/g, "")
    .replaceAll(/\((\w+) as \w+\)/g, "$1");
}
