import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const IO = new URL("../../src/io/", import.meta.url);
const FILES = [
  "broadcast",
  "buffered-reader",
  "buffered-writer",
  "chunks",
  "concat",
  "copy",
  "discard",
  "frames",
  "limit",
  "lines",
  "pipe-to",
  "read-at-least",
  "records",
  "tee",
  "write-frame",
];

/** The examples in the docstrings of a file, and the output that their comments state. */
function examples(file: string): Array<{ readonly code: string; readonly prints: readonly string[] }> {
  const source = readFileSync(new URL(`${file}.ts`, IO), "utf8");
  return Array.from(source.matchAll(/^ *\* ```ts\n(.*?)^ *\* ```$/gms), ([, block = ""]) => {
    const code = block.replace(/^ *\* ?/gm, "");
    const prints = Array.from(code.matchAll(/console\.log\(.*\); \/\/ (.*)$/gm), ([, said = ""]) => said);
    return {
      code,
      prints: prints.flatMap((said) =>
        code.includes("for await") || code.includes("for (;;)") ? said.split(", ") : [said],
      ),
    };
  });
}

// Red when: an example uses an undefined name, or prints something other than its comment states.
test("the examples in docstrings do what they say", async () => {
  const all = FILES.flatMap((file) => examples(file));
  expect(all.length).toBeGreaterThanOrEqual(FILES.length);
  for (const { prints, code } of all) expect([code, prints.length]).not.toEqual([code, 0]);
  const names = [...new Set(all.flatMap(({ code }) => code.match(/\b[a-z]\w+(?=\()/gi) ?? []))];
  const core = (await import("@pipe512/core")) as unknown as Record<string, unknown>;
  const program = [
    `import { ${names.filter((name) => name in core).join(", ")} } from "@pipe512/core";`,
    ...all.map(({ code }, index) => `console.log("# ${index}");\n{\n${code}}`),
  ].join("\n");
  const flags = ["--conditions=@pipe512/source", "--input-type=module-typescript", "--eval"];
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, program], {
    cwd: new URL("../../", import.meta.url),
    env: { ...process.env, NODE_OPTIONS: "" },
  });
  const printed = stdout
    .trim()
    .split("\n")
    .map((line) => line.trim());
  expect(printed).toEqual(all.flatMap(({ prints }, index) => [`# ${index}`, ...prints]));
});
