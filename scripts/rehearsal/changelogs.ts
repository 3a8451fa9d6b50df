/** The problems of a changelog for its reader, one sentence each. */
export function changelogProblems(name: string, text: string): string[] {
  const problems: string[] = [];
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  const depth = (line: string): number => /^#*/.exec(line)?.[0].length ?? 0;
  if (lines[0] !== `# ${name}`)
    problems.push(`${name}: the changelog must begin with its name; got ${lines[0]}`);
  for (const [index, line] of lines.entries()) {
    if (depth(line) === 0) continue;
    const next = lines[index + 1];
    // A headline may be followed by a lower headline. Otherwise its section must not be empty.
    if (next === undefined || (depth(next) > 0 && depth(next) <= depth(line)))
      problems.push(`${name}: the section "${line}" is empty`);
  }
  const versions = text.split(/^## /m);
  const firstEntry = /^- (.*)$/m.exec(versions.at(-1) ?? "")?.[1] ?? "";
  if (!firstEntry.startsWith(`The first release of \`${name}\`: `))
    problems.push(
      `${name}: the first entry of the first version must begin "The first release of \`${name}\`: " and say what ` +
        `the package is; got ${JSON.stringify(firstEntry.slice(0, 60))}. Entries are in the order of the names in .changeset`,
    );
  return problems;
}
