// The sources of the published packages as one program, which resolves each name to its declaration. TypeScript 7 has its API
// under `unstable`, so an update of TypeScript may need a change here.
import { relative, resolve } from "node:path";
import type {
  CallExpression,
  Expression,
  NewExpression,
  Node,
  ParameterDeclaration,
  SourceFile,
} from "typescript/unstable/ast";
import {
  isArrowFunction,
  isCallExpression,
  isFunctionDeclaration,
  isFunctionExpression,
  isIdentifier,
  isMethodDeclaration,
  isNewExpression,
  isPropertyAccessExpression,
  isVariableDeclaration,
} from "typescript/unstable/ast";
import { API, type Project, type Symbol, SymbolFlags } from "typescript/unstable/sync";

/** A function with a body. */
export interface Callable {
  readonly parameters: readonly ParameterDeclaration[];
  readonly body?: Node | undefined;
}

/** A call of a function of the packages. */
export interface Call {
  readonly file: string;
  readonly arguments: readonly Expression[];
}

export class Sources {
  /** Each file, by its path from the root of the repository. */
  readonly files: ReadonlyMap<string, SourceFile>;
  readonly #root: string;
  readonly #api: API;
  readonly #project: Project;
  readonly #declarations = new Map<Node, Node | undefined>();
  readonly #calls = new Map<Node, Call[]>();

  /** @param root The folder of the repository, where `config` is. */
  constructor(config: string, root = ".") {
    this.#root = root;
    this.#api = new API({ cwd: resolve(root) });
    const path = resolve(root, config);
    const project = this.#api.updateSnapshot({ openProjects: [path] }).getProject(path);
    if (project === undefined) throw new Error(`Cannot open ${config}: TypeScript found no project there`);
    this.#project = project;
    const files = new Map<string, SourceFile>();
    for (const name of project.program.getSourceFileNames().toSorted()) {
      const file = this.#pathOf(name);
      const source = file === undefined ? undefined : project.program.getSourceFile(name);
      if (file !== undefined && source !== undefined) files.set(file, source);
    }
    this.files = files;
    this.#findCalls();
  }

  /** The declaration that a name refers to, in any file. */
  declarationOf(name: Node): Node | undefined {
    if (!this.#declarations.has(name)) this.#resolve([name]);
    return this.#declarations.get(name);
  }

  /** The file that a node is in. */
  fileOf(node: Node): string {
    return this.#pathOf(node.getSourceFile().fileName) ?? "";
  }

  /** The calls of a function, by its declaration. */
  callsOf(callable: Node): readonly Call[] {
    // `const fn = () => {}` is called by the name of the constant.
    const { parent } = callable;
    return this.#calls.get(isVariableDeclaration(parent) ? parent : callable) ?? [];
  }

  /** The possible strings of an expression, if its type is a union of them. */
  stringsOf(expression: Node): readonly string[] {
    const type = this.#project.checker.getTypeAtLocation(expression);
    const types = type?.isUnionType() === true ? (type.getTypes() ?? []) : type === undefined ? [] : [type];
    const values = types.filter((each) => each.isStringLiteralType()).map(({ value }) => value);
    return values.length === types.length ? values.toSorted() : []; // The order in a type depends on the order of type checking.
  }

  close(): void {
    this.#api.close();
  }

  /** The path of a source of a package, from the root of the repository. */
  #pathOf(fileName: string): string | undefined {
    const path = relative(this.#root, fileName).replaceAll("\\", "/");
    return /^packages\/\w+\/src\//.test(path) ? path : undefined;
  }

  #findCalls(): void {
    const found: { readonly name: Node; readonly call: Call }[] = [];
    for (const [file, source] of this.files) {
      visit(source, (node) => {
        if (!isCallExpression(node) && !isNewExpression(node)) return;
        found.push({ name: calleeOf(node), call: { file, arguments: node.arguments ?? [] } });
      });
    }
    this.#resolve(found.map(({ name }) => name));
    for (const { name, call } of found) {
      const declaration = this.#declarations.get(name);
      if (declaration === undefined) continue;
      const calls = this.#calls.get(declaration);
      if (calls === undefined) this.#calls.set(declaration, [call]);
      else calls.push(call);
    }
  }

  #resolve(names: readonly Node[]): void {
    const { checker } = this.#project;
    const targets = new Map<number, Symbol>();
    for (const [index, symbol] of checker.getSymbolAtLocation(names).entries()) {
      let target = symbol;
      if (symbol !== undefined && (symbol.flags & SymbolFlags.Alias) !== 0) {
        target = targets.get(symbol.id) ?? checker.getAliasedSymbol(symbol);
        targets.set(symbol.id, target);
      }
      this.#declarations.set(names[index] as Node, target?.valueDeclaration?.resolve(this.#project));
    }
  }
}

/** The function that a declaration declares. */
export function callableOf(declaration: Node | undefined): (Node & Callable) | undefined {
  if (declaration === undefined) return undefined;
  if (isFunctionDeclaration(declaration) || isMethodDeclaration(declaration)) return declaration;
  if (!isVariableDeclaration(declaration) || declaration.initializer === undefined) return undefined;
  const { initializer } = declaration;
  return isArrowFunction(initializer) || isFunctionExpression(initializer) ? initializer : undefined;
}

/** Calls `visitor` with the node and all of its descendants. */
export function visit(node: Node, visitor: (node: Node) => void): void {
  visitor(node);
  node.forEachChild((child) => visit(child, visitor));
}

/** The name of the called function: `describe` in `describe(value)`, `read` in `this.#reader.read()`. */
export function calleeOf({ expression }: CallExpression | NewExpression): Node {
  return isPropertyAccessExpression(expression) ? expression.name : expression;
}

/** The text of a name, and `""` for any other expression. */
export function nameOf(node: Node): string {
  return isIdentifier(node) ? node.text : "";
}
