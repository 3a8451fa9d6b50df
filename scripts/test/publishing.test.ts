import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { attempt } from "../compatibility/case.ts";
import { buildProblems } from "../publishing/build-output.ts";
import { absoluteLinks, anchors, linkProblems } from "../publishing/links.ts";
import { corrected, manifestProblems } from "../publishing/manifests.ts";
import type { Manifest } from "../publishing/packages.ts";
import { withRequirements } from "../publishing/requirements.ts";
import { differences, placesIn } from "../publishing/tarballs.ts";
import { workflowProblems } from "../publishing/workflows.ts";
import { changelogProblems } from "../rehearsal/changelogs.ts";
import { examplesIn } from "../rehearsal/examples.ts";

const ADDRESS = "https://example.org/owner/name";
let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "pipe512-"));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

function put(file: string, text = ""): void {
  mkdirSync(dirname(join(folder, file)), { recursive: true });
  writeFileSync(join(folder, file), text);
}

describe("manifests", () => {
  const root: Manifest = {
    name: "root",
    version: "0.0.0",
    author: "somebody",
    license: "MIT",
    repository: { type: "git", url: `git+${ADDRESS}.git` },
  };
  const privateNames = new Set(["@pipe512/testing"]);
  const bare: Manifest = {
    name: "@pipe512/one",
    version: "0.0.0",
    description: "One.",
    keywords: ["a", "b", "c"],
    engines: { node: ">=20" },
    exports: { "./package.json": "./package.json" },
    files: ["CHANGELOG.md", "dist", "src"],
    publishConfig: { access: "public" },
    scripts: { prepack: "node ../../scripts/publishing/prepack.ts" },
    devDependencies: { "@pipe512/testing": "0.0.0", rxjs: "7.8.2" },
  };
  const problemsOf = (manifest: Manifest): string[] =>
    manifestProblems({ folder: "packages/one", manifest }, root, privateNames);
  const good = corrected({ folder: "packages/one", manifest: bare }, root, privateNames);

  // Red when: corrected() omits a field; the address is not that of the root; or the private package is not removed.
  test("corrected() copies the fields from the root, and removes unpublished packages", () => {
    expect(problemsOf(bare)).toHaveLength(6);
    expect(problemsOf(good)).toEqual([]);
    expect(good.homepage).toBe(`${ADDRESS}/tree/main/packages/one#readme`);
    expect(good.devDependencies).toEqual({ rxjs: "7.8.2" });
  });

  // Red when: any one of the checks is removed.
  test.for<[string, Partial<Manifest>]>([
    ["repository", { repository: { type: "git", url: "git+https://example.org/other.git" } }],
    ["homepage", { homepage: "https://example.org" }],
    ["bugs", { bugs: { url: "https://example.org" } }],
    ["author", { author: "" }],
    ["license", { license: "ISC" }],
    ["description", { description: "" }],
    ["keywords", { keywords: ["a", "b"] }],
    ["keywords", { keywords: ["a", "b", "b"] }],
    ["engines.node", { engines: {} }],
    ["exports", { exports: {} }],
    ["files", { files: ["dist", "src"] }],
    ["publishConfig", { publishConfig: { access: "restricted" } }],
    ["scripts.prepack", { scripts: { prepack: "true" } }],
    ["dependencies", { dependencies: { "@pipe512/testing": "0.0.0" } }],
  ])("manifestProblems() names %s", ([field, wrong]) => {
    const problems = problemsOf({ ...good, ...wrong });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(`packages/one/package.json: ${field}`);
  });
});

describe("links", () => {
  const problemsOf = (text: string, published = false): string[] => {
    put("docs/page.md", text);
    put("docs/other.md", "# One `code` (two)\n\n# Twice\n\n# Twice\n");
    put("src/ring.ts");
    return linkProblems("docs/page.md", ADDRESS, published, folder);
  };

  // Red when: the file or the heading is not looked up, in relative links or in links by the address.
  test.for([
    ["[a](missing.md)", "does not exist"],
    ["[a](other.md#missing)", "headline"],
    ["[a](#missing)", "headline"],
    [`[a](${ADDRESS}/blob/main/docs/missing.md)`, "does not exist"],
    [`[a](${ADDRESS}/tree/main/docs/other.md#three)`, "headline"],
    ["[a]: missing.md", "does not exist"],
    ['<a href="missing.md">', "does not exist"],
    ["[a]()", "leads nowhere"],
    ["[a](http://example.org)", "is not https"],
    ["[a](https://[)", "is not a valid address"],
  ])("linkProblems() finds %s", ([text, problem]) => {
    expect(problemsOf(`text\n\n${text}\n`)[0]).toMatch(new RegExp(`^docs/page.md:3: .*${problem}`));
  });

  // Red when: a valid link is reported, or code is read as prose.
  test.for([
    "[a](other.md#one-code-two) [b](other.md#twice-1) [c](../src/ring.ts)",
    `[a](${ADDRESS}/blob/main/docs/other.md#twice) [b](${ADDRESS}/tree/main/src)`,
    "[a](https://example.org/x) <https://example.org>",
    "`[a](missing.md)` and\n\n```ts\n[a](missing.md)\n```\n",
    "# Own\n\n[a](#own)",
  ])("linkProblems() accepts %j", (text) => {
    expect(problemsOf(text)).toEqual([]);
  });

  // Red when: relative links are accepted in published files.
  test("linkProblems() reports relative links in published files", () => {
    expect(problemsOf("# Own\n\n[a](other.md) [b](#own)", true)).toEqual([
      "docs/page.md:3: other.md is relative, which does not work in the registry; run npm run manifests -- --write",
    ]);
  });

  // Red when: code is rewritten, an anchor is lost, or the former address remains.
  test("absoluteLinks() makes relative links absolute, and moves those to the former address", () => {
    const text =
      "[a](../../docs/contract.md#node) [b](#own) `[c](d.md)` [e](https://old.example/x) [f](../core)";
    expect(absoluteLinks(text, "packages/node/README.md", ADDRESS, "https://old.example")).toBe(
      `[a](${ADDRESS}/blob/main/docs/contract.md#node) [b](#own) \`[c](d.md)\` [e](${ADDRESS}/x) [f](${ADDRESS}/tree/main/packages/core)`,
    );
  });

  // Red when: a heading inside a code block counts.
  test("anchors() generates the anchors of the forge", () => {
    expect(anchors("# `@pipe512/core/sync`\n\n```\n# no\n```\n## Why not what I have?\n")).toEqual(
      new Set(["pipe512coresync", "why-not-what-i-have"]),
    );
  });
});

describe("tarballs", () => {
  // Red when: one of the three kinds is not detected.
  test("buildProblems() finds missing files, files without a source and files that are not TypeScript", () => {
    for (const file of ["src/a.ts", "src/b/c.ts", "src/secret.env"]) put(file);
    for (const file of ["a.js", "a.js.map", "a.d.ts", "a.d.ts.map", "old.js", ".tsbuildinfo"])
      put(`dist/${file}`);
    expect(buildProblems(folder)).toEqual([
      "src/secret.env is not TypeScript, and would be published",
      ...["js", "js.map", "d.ts", "d.ts.map"].map((suffix) => `dist/b/c.${suffix} is missing in the build`),
      "dist/old.js has no source",
    ]);
  });

  // Red when: a new or a missing file or module is not reported, or a size is not.
  test("differences() finds each new and each missing file, and a size that changes by more than 10 %", () => {
    const kept = { kilobytes: 100, files: ["LICENSE"], modules: ["a", "b"] };
    expect(differences("one", kept, { ...kept, kilobytes: 110 })).toEqual([]);
    expect(differences("one", kept, { kilobytes: 111, files: ["LICENSE", "x"], modules: ["a"] })).toEqual([
      "one has a new entry in files: x",
      "one lacks an entry of modules: b",
      "one has 111 kB; 100 kB are kept",
    ]);
    expect(differences("one", undefined, kept)).toEqual(["one is new"]);
  });

  // Red when: the texts are not compared.
  test("placesIn() finds texts that reveal where a file was made", () => {
    expect(placesIn("a.js.map", "/home/somebody/pipe/src", new Map([["home", "/home/somebody"]]))).toEqual([
      "a.js.map contains home",
    ]);
  });
});

describe("READMEs", () => {
  // Red when: a second run appends a second table, or the text before or after the table is lost.
  test("withRequirements() inserts the table once", () => {
    const once = withRequirements("# One\n");
    expect(once).toMatch(/^# One\n\n## Requirements\n/);
    expect(withRequirements(once)).toBe(once);
    const stale = once.replace("esbuild", "another");
    expect(withRequirements(`${stale}\n## After\n`)).toBe(`${once}\n## After\n`);
  });

  // Red when: a fragment counts as a program, or the comment above a program is not read.
  test("examplesIn() finds the programs, their places, and why a program is not run", () => {
    put(
      "README.md",
      "# One\n\n```ts\nimport 'a';\n```\n\n```ts\nlet fragment;\n```\n\n<!-- not rehearsed: a server -->\n\n```js\nimport 'b';\n```\n",
    );
    expect(examplesIn("README.md", folder)).toEqual([
      { place: "README.md:3", language: "ts", code: "import 'a';\n", skipped: undefined },
      { place: "README.md:13", language: "js", code: "import 'b';\n", skipped: "a server" },
    ]);
  });
});

describe("changelogs", () => {
  const good =
    "# one\n\n## 0.2.0\n\nNo changes in this release.\n\n## 0.1.0\n\n### Minor Changes\n\n- The first release of `one`: a pipe.\n";

  // Red when: one of these problems is not detected.
  test("changelogProblems() finds empty sections and a first entry that does not say what the package is", () => {
    expect(changelogProblems("one", good)).toEqual([]);
    expect(changelogProblems("two", good)).toHaveLength(2);
    expect(changelogProblems("one", good.replace("No changes in this release.\n", ""))).toEqual([
      'one: the section "## 0.2.0" is empty',
    ]);
    expect(changelogProblems("one", `${good}\n### Patch Changes\n`)).toEqual([
      'one: the section "### Patch Changes" is empty',
    ]);
    expect(changelogProblems("one", "")).toHaveLength(2);
  });
});

describe("workflows", () => {
  const pinned = `uses: actions/checkout@${"a".repeat(40)} # v6.0.2`;
  const problemsOf = (line: string): string[] =>
    workflowProblems("ci.yml", `      - ${line}\n`, new Set(["ci", "ok", "test:runtimes"]));

  // Red when: a tag counts as a pinned commit, or a command is not compared.
  test.for([
    "uses: actions/checkout@v6",
    "uses: actions/checkout@v6.0.2 # v6.0.2",
    `uses: actions/checkout@${"a".repeat(40)}`,
    "run: npm run other",
    "run: npm run ok && curl example.org",
    "run: |",
    "run: npx turbo build",
  ])("workflowProblems() refuses %s", (line) => {
    expect(problemsOf(line)).toHaveLength(1);
  });

  // Red when: a command of the gate is reported.
  test.for([
    pinned,
    "run: npm ci",
    "run: npm run ok",
    "run: npm run test:runtimes -- --on-path",
    "run: git push origin --tags",
  ])("workflowProblems() accepts %s", (line) => {
    expect(problemsOf(line)).toEqual([]);
  });
});

describe("compatibility", () => {
  const tried = { group: "a", name: "b", run: () => Promise.reject(new Error("ERR_REQUIRE_ESM")) };

  // Red when: a command that should fail may succeed, or may fail with another error.
  test("attempt() requires a known failure to fail with its known error", async () => {
    expect((await attempt(tried)).problem).toBe("ERR_REQUIRE_ESM");
    expect((await attempt({ ...tried, fails: /REQUIRE/ })).problem).toBeUndefined();
    expect((await attempt({ ...tried, fails: /TS1479/ })).problem).toBe("ERR_REQUIRE_ESM");
    expect((await attempt({ ...tried, fails: /x/, run: () => Promise.resolve() })).problem).toMatch(/works/);
  });
});
