import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { collect } from "../messages/collect.ts";
import { pageOf, problemOf } from "../messages/page.ts";
import { Sources } from "../messages/sources.ts";

let folder = "";

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "pipe512-")));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** The generated lines of the page for sources, given by their paths in `packages`, without headings. */
function linesFor(files: Readonly<Record<string, string>>): string[] {
  for (const [path, text] of Object.entries(files)) {
    const file = join(folder, "packages", path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  const compilerOptions = { lib: ["es2022"], types: [], strict: true, noEmit: true, module: "nodenext" };
  writeFileSync(
    join(folder, "tsconfig.json"),
    JSON.stringify({ compilerOptions: { ...compilerOptions, allowImportingTsExtensions: true } }),
  );
  const sources = new Sources("tsconfig.json", folder);
  try {
    const page = pageOf(collect(sources), ["one", "two"]);
    return page.split("\n").filter((line) => /^(?:## @|###| *- )/.test(line));
  } finally {
    sources.close();
  }
}

const inOne = (text: string): string[] => linesFor({ "one/src/a.ts": text }).slice(2, -1);

describe("the page of error messages", () => {
  test("lists a message below its package and file", () => {
    expect(linesFor({ "one/src/io/a.ts": 'throw new TypeError("Cannot a: b");' })).toEqual([
      "## @pipe512/one",
      "### io/a.ts",
      "- `TypeError`: `Cannot a: b`",
      "## @pipe512/two",
    ]);
  });

  test("shows the expression of a hole, and the value where describe() shows it", () => {
    const text = `
      declare function describe(value: unknown): string;
      export function f(this: { length: number }, size: unknown) {
        throw new RangeError(\`size must be at most \${this.length}; got \${describe(size)}\`);
      }`;
    expect(inOne(text)).toEqual(["- `RangeError`: `size must be at most ${length}; got ${size}`"]);
  });

  test("lists the texts of a constant, of a function's result and of a type", () => {
    const text = `
      function reach(moved: number) {
        if (moved === 0) return "before any";
        return \`after \${moved}\`;
      }
      export function f(side: "reader" | "writer", isWrite: boolean, count: number) {
        const attempt = isWrite ? "write" : "read";
        throw new Error(\`Cannot \${attempt}: the \${side} closed \${reach(count)}\`);
      }`;
    expect(inOne(text)).toEqual([
      "- `Error`: `Cannot ${attempt}: the ${side} closed ${reach(count)}`",
      "  - `${attempt}`: `write`, `read`",
      "  - `${side}`: `reader`, `writer`",
      "  - `${reach(count)}`: `before any`, `after ${count}`",
    ]);
  });

  test("does not take the first value of a variable for its value", () => {
    const text = 'let name = "first"; name = "second"; throw new Error(`Cannot ${name}: no`);';
    expect(inOne(text)).toEqual(["- `Error`: `Cannot ${name}: no`"]);
  });

  test("has one message for each parameter that a function is called for, also through another function", () => {
    const text = `
      function requirePositive(name: string, value: unknown, least = 1) {
        throw new RangeError(\`\${name} must be at least \${least}; got \${value}\`);
      }
      const check = (name: string, size: number) => requirePositive(name, size, 2);
      check("size", 1);
      requirePositive("count", 0);`;
    expect(inOne(text)).toEqual([
      "- `RangeError`: `size must be at least 2; got 1`",
      "- `RangeError`: `count must be at least 1; got 0`",
    ]);
  });

  test("has the message in the section of the package that calls the function", () => {
    const one =
      "export function requireOne(name: string) { throw new TypeError(`${name} must be one; got two`); }";
    const two = 'import { requireOne } from "../../one/src/a.ts"; requireOne("size");';
    expect(linesFor({ "one/src/a.ts": one, "two/src/b.ts": two })).toEqual([
      "## @pipe512/one",
      "## @pipe512/two",
      "### b.ts",
      "- `TypeError`: `size must be one; got two`",
    ]);
  });

  test("names the code that a class has or inherits, and the one that a call gives", () => {
    const text = `
      class ClosedError extends Error { readonly code: string = "ERR_CLOSED"; }
      class LostError extends ClosedError {}
      declare function coded(error: Error, code: string): Error;
      export function f(isLost: boolean) {
        const Kind = isLost ? LostError : ClosedError;
        if (isLost) throw coded(new Error("Cannot c: d"), "ERR_CODED");
        throw new Kind("Cannot a: b");
      }`;
    expect(inOne(text)).toEqual([
      "- `Error` (`ERR_CODED`): `Cannot c: d`",
      "- `LostError` (`ERR_CLOSED`) or `ClosedError` (`ERR_CLOSED`): `Cannot a: b`",
    ]);
  });

  test("lists many texts of one function once, below all messages", () => {
    const cases = ["a", "b", "c", "d", "e", "f"].map(
      (each) => `if (value === "${each}") return "for ${each}";`,
    );
    const text = `
      function advice(value: string) { ${cases.join(" ")} return ""; }
      export function f(value: string) { throw new Error(\`Cannot a: \${advice(value)}\`); }`;
    expect(linesFor({ "one/src/a.ts": text }).slice(2, 7)).toEqual([
      "- `Error`: `Cannot a: ${advice(value)}`",
      "  - `${advice(value)}`: [advice of one](#advice-of-one)",
      "## @pipe512/two",
      "### advice of one",
      "- `for a`",
    ]);
  });
});

describe("the pattern of a message", () => {
  test.each([
    "Cannot write 5 bytes: the reader closed",
    "maxBytes must be an integer of at least 1; got -1",
    "${name} must be a function; got ${value}",
    "readers[${index}] must be a Reader; got ${value}",
    "token must be free; it holds a lock: unlock it first",
    "${message}",
  ])("accepts %s", (message) => {
    expect(problemOf(message)).toBeUndefined();
  });

  test.each([
    ["Cannot write 5 bytes: the reader closed.", "ends with a full stop"],
    ["Cannot write 5 bytes", 'has no ": "'],
    ["maxBytes must be an integer of at least 1", "does not say what was found"],
    ["not yet", 'begins neither with "Cannot" nor'],
    ["The reader closed: try again", 'begins neither with "Cannot" nor'],
  ])("rejects %s", (message, problem) => {
    expect(problemOf(message)).toContain(problem);
  });
});
