import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { advise } from "../../src/pick/advice.ts";
import { type Answers, questions } from "../../src/pick/questions.ts";
import { implementation } from "../../src/subjects/implementations.ts";
import { bench, Folder } from "../support/command-line.ts";

const all = answers();

/** Every combination of answers. */
function answers(): Answers[] {
  return questions.reduce<object[]>(
    (made, { name, choices }) =>
      made.flatMap((one) => choices.map(({ value }) => ({ ...one, [name]: value }))),
    [{}],
  ) as Answers[];
}

describe("advise()", () => {
  // Red when: an implementation is renamed but the advice is not, or a combination of answers has no advice.
  test("names existing implementations, with a reason and code, for all answers", () => {
    expect(all).toHaveLength(8 * 6 * 4 * 2);
    for (const one of all) {
      const { title, why, code, implementations } = advise(one);
      expect(implementations.map((name) => implementation(name).name)).toEqual(implementations);
      expect(
        [title, why, code].filter((text) => text.trim() === ""),
        JSON.stringify(one),
      ).toEqual([]);
    }
  });

  // Red when: a pipe is recommended although it does not help.
  test.each([
    [{ have: "messages", need: "code" }, "a queue of messages"],
    [{ have: "node", need: "whole" }, "collect in memory"],
    [{ have: "process", need: "node" }, "the operating system's"],
    [{ have: "iterable", need: "code" }, "a loop"],
    [{ have: "node", need: "node" }, "pipeline()"],
    [{ have: "web", need: "web" }, "pipeTo()"],
    [{ have: "observable", need: "observable" }, "operators of RxJS"],
    [{ have: "code", need: "node" }, "@pipe512/core and @pipe512/node"],
    [{ have: "thread", need: "code" }, "between threads"],
  ] as const)("of %j says: %s", (given, words) => {
    expect(advise({ ...given, chunk: "512", reader: "fast" }).title).toContain(words);
  });

  // Red when: a package that the code imports is missing from the install command, or a module of Node is in it.
  test("names every package that its code imports, and none of Node", () => {
    for (const one of all) {
      const { code, install } = advise(one);
      const imported = Array.from(code.matchAll(/from "([^"]+)"/g), ([, name = ""]) => name);
      for (const name of imported.filter((module) => !module.startsWith("node:")))
        expect(install, code).toMatch(new RegExp(` ${name.replace(/\/(shared|sync)$/, "")}( |$)`));
      expect(install).not.toContain("node:");
    }
  });

  // Red when: code to paste imports a name that is not exported, uses an unknown name, or loses bytes.
  test("gives code that runs and delivers every byte", { timeout: 30_000 }, async () => {
    const codes = new Map<string, Answers>();
    for (const one of all)
      if (one.have !== "thread" && one.need !== "thread") codes.set(advise(one).code, one);
    expect(codes.size).toBeGreaterThan(30);
    using folder = new Programs();
    const programs = [...codes].map(([code, given]) => program(code, given));
    const main = programs.map((text, index) => {
      folder.add(`${index}.ts`, text);
      return `await import("./${index}.ts").catch((error) => { error.message += ${JSON.stringify(`\n${text}`)}; throw error; });`;
    });
    const path = folder.add("main.ts", main.join("\n"));
    const { stdout } = await promisify(execFile)(process.execPath, ["--conditions=@pipe512/source", path], {
      env: { ...process.env, NODE_OPTIONS: "" },
    });
    const arrived = stdout.trim().split("\n");
    expect(arrived).toEqual([...codes.values()].map(expected));
  });
});

/** The output of the program for these answers. */
function expected({ have }: Answers): string {
  if (have === "messages") return '{"id":1}';
  return have === "process" ? process.version : "0123456789";
}

/** The code as a user would paste it, with a source of bytes before it, and a consumer after it. */
function program(code: string, { have, need }: Answers): string {
  const [imports = "", body = code] = code.startsWith("import") ? code.split("\n\n") : ["", code];
  const rest = code.startsWith("import") ? code.slice(imports.length) : body;
  return `${imports}
import { Readable as SourceReadable, Writable as SinkWritable } from "node:stream";
import { from as observableFrom } from "rxjs";
import { setTimeout as later } from "node:timers/promises";
const used: any[] = [];
const use = (chunk: any) => void used.push(chunk instanceof Uint8Array ? chunk.slice() : chunk);
function* chunks() { for (let digit = 0; digit < 10; digit++) yield new TextEncoder().encode(String(digit)); }
const source: any = ${
    {
      node: "SourceReadable.from([...chunks()].map((chunk) => Buffer.from(chunk)), { objectMode: false })",
      web: "new ReadableStream({ start(it) { for (const chunk of chunks()) it.enqueue(chunk); it.close(); } })",
      observable: "observableFrom([...chunks()])",
      iterable: "(async function* () { yield* chunks(); })()",
    }[have as string] ?? "undefined"
  };
const sink: any = ${
    need === "web"
      ? "new WritableStream({ write(chunk) { use(chunk); } })"
      : "new SinkWritable({ write(chunk, _encoding, done) { use(chunk); done(); } })"
  };
${rest}
${need === "whole" ? "" : "do await later(1); while (used.length === 0);"}
const got: any = ${need === "whole" && have !== "messages" ? "[all]" : "used"};
console.log(${have === "messages" ? "JSON.stringify(got[0])" : "Buffer.concat(got).toString().trim()"});
`;
}

/** A folder for programs inside the project, so that they resolve the packages as the sources do. */
class Programs implements Disposable {
  readonly path: string;

  constructor() {
    const parent = fileURLToPath(new URL("../../dist/", import.meta.url));
    mkdirSync(parent, { recursive: true });
    this.path = mkdtempSync(join(parent, "pick-"));
  }

  add(name: string, text: string): string {
    const path = join(this.path, name);
    writeFileSync(path, text);
    return path;
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

describe("npm start -- pick", () => {
  const given = ["--have", "code", "--need", "code", "--chunk", "512", "--reader", "fast"];

  // Red when: the advice runs no measurement, or does not show the code.
  test("takes its answers as options and shows code, and numbers of this machine", {
    timeout: 60_000,
  }, async () => {
    using folder = new Folder();
    const { code, stdout } = await bench(folder.path, ["pick", ...given]);
    expect(code).toBe(0);
    expect(stdout).toContain("const reader = readerFrom(async (writer) => {");
    expect(stdout).toMatch(/^ {4}npm install @pipe512\/core\n/);
    expect(stdout).toContain("Yours: chunks() makes your bytes and use() does your work.");
    expect(stdout).toMatch(/● await every write\(\) +[\d.,]+/);
    expect(stdout).toContain("Chunks of 512 B, against ");
  });

  test.each([
    [["--have", "code"], "There is no terminal for the questions: give --need code|node|web"],
    [[...given, "--have", "pigeons"], "--have 'pigeons': allowed choices are code, iterable"],
    [["--hve", "code"], "unknown option '--hve'"],
  ])("rejects %j with exit code 2", async (args, reason) => {
    using folder = new Folder();
    const { code, stdout, stderr } = await bench(folder.path, ["pick", ...args]);
    expect(stderr.toLowerCase()).toContain(reason.toLowerCase());
    expect(stdout).toBe("");
    expect(code).toBe(2);
  });

  test("--help names every answer", async () => {
    using folder = new Folder();
    const { code, stdout } = await bench(folder.path, ["pick", "--help"]);
    expect(code).toBe(0);
    for (const { name } of questions) expect(stdout).toContain(`--${name}`);
  });
});
