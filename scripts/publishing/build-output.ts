import { existsSync, readdirSync } from "node:fs";

const OUTPUTS = [".js", ".js.map", ".d.ts", ".d.ts.map"];

/** The modules of a package (`pipe/ring` for `src/pipe/ring.ts`), and every other file in `src`. */
export function sources(folder: string): { readonly modules: string[]; readonly others: string[] } {
  const files = filesIn(`${folder}/src`);
  return {
    modules: files.filter((file) => file.endsWith(".ts")).map((file) => file.slice(0, -".ts".length)),
    others: files.filter((file) => !file.endsWith(".ts")),
  };
}

/** The published files of one module: the source and the compiler's output. */
export function filesOf(module: string): string[] {
  return [`src/${module}.ts`, ...OUTPUTS.map((output) => `dist/${module}${output}`)];
}

/** How `dist` differs from the output of the sources: one sentence for each file. */
export function buildProblems(folder: string): string[] {
  const { modules, others } = sources(folder);
  const expected = new Set(modules.flatMap(filesOf).filter((file) => file.startsWith("dist/")));
  const found = new Set(filesIn(`${folder}/dist`).map((file) => `dist/${file}`));
  found.delete("dist/.tsbuildinfo");
  return [
    ...others.map((file) => `src/${file} is not TypeScript, and would be published`),
    ...[...expected.difference(found)].map((file) => `${file} is missing in the build`),
    ...[...found.difference(expected)].map((file) => `${file} has no source`),
  ];
}

function filesIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath}/${entry.name}`.replaceAll("\\", "/").slice(folder.length + 1))
    .toSorted();
}
