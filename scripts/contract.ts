// Compares the numbered guarantees with the tests. It fails if a number of docs/contract.md is in no test's title, or a
// number in a title is not in docs/contract.md. It also fails if no `// Red when:` is above such a test. It reads line by
// line: any `[PIPE-001]` outside a comment counts as a title.
import { existsSync, readdirSync, readFileSync } from "node:fs";

const problems: string[] = [];

const inContract = new Set<string>();
for (const [, number = ""] of readFileSync("docs/contract.md", "utf8").matchAll(
  /^\*\*([A-Z]+-\d{3})\*\* /gm,
)) {
  if (inContract.has(number)) problems.push(`docs/contract.md has ${number} twice`);
  inContract.add(number);
}
if (inContract.size === 0)
  problems.push("docs/contract.md has no paragraph that begins with a number: **PIPE-001** …");

const inTests = new Set<string>();
for (const file of testFiles()) {
  let redWhen = false;
  for (const [index, line] of readFileSync(file, "utf8").split("\n").entries()) {
    if (/^\s*(\/\/|\/?\*)/.test(line)) {
      redWhen ||= line.trimStart().startsWith("// Red when: ");
      continue;
    }
    const numbers = Array.from(line.matchAll(/\[([A-Z]+-\d{3})\]/g), ([, number = ""]) => number);
    if (numbers.length === 0) continue;
    const where = `${file}:${index + 1}`;
    if (/\bdescribe\b/.test(line))
      problems.push(`${where} gives a number to a group; only a test proves a guarantee`);
    // The titles of the conformance suite describe any pipe. Pipes that are broken on purpose show that its cases can fail.
    if (!redWhen && !file.startsWith("packages/conformance/"))
      problems.push(`${where} has no line above it that begins with "// Red when: "`);
    redWhen = false;
    for (const number of numbers) {
      inTests.add(number);
      if (!inContract.has(number))
        problems.push(`${where} names ${number}, which is missing in docs/contract.md`);
    }
  }
}
for (const number of inContract) {
  if (!inTests.has(number)) problems.push(`docs/contract.md has ${number}, which no test names`);
}

for (const problem of problems) console.error(problem);
console.log(
  `${inContract.size} guarantees in docs/contract.md, ${inTests.size} in titles, ${problems.length} problems`,
);
process.exitCode = problems.length === 0 ? 0 : 1;

/** The tests of every package. The sources of the conformance suite are tests too. */
function testFiles(): string[] {
  return readdirSync("packages")
    .flatMap((name) => [`packages/${name}/test`, ...(name === "conformance" ? [`packages/${name}/src`] : [])])
    .filter((folder) => existsSync(folder))
    .flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: "utf8" }).map((path) => `${folder}/${path}`),
    )
    .filter((path) => path.endsWith(".ts"));
}
