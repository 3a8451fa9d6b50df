// The Requirements table of the READMEs: what works and what does not, as `npm run compatibility` has shown.
import type { Manifest } from "./packages.ts";

const BEGIN = "<!-- requirements: begin; npm run manifests -- --write makes this -->";
const END = "<!-- requirements: end -->";

/** The types that a program needs besides those of the package. */
export type Platform = "nothing" | "DOM or Node" | "Node";

const platforms: Readonly<Record<string, Platform>> = {
  "@pipe512/core": "nothing",
  "@pipe512/conformance": "nothing",
  "@pipe512/web": "DOM or Node",
  "@pipe512/rxjs": "DOM or Node",
};

/** The types that a package needs. By default those of Node. */
export function platformOf(packageName: string): Platform {
  return platforms[packageName] ?? "Node";
}

const needs: Readonly<Record<Platform, string>> = {
  nothing: "none, with any `lib`",
  "DOM or Node": '`"dom"` in `lib`, or `@types/node`',
  Node: "`@types/node`",
};

/** The rows that differ between packages. */
function ownRows({ name, peerDependencies = {} }: Manifest): string[] {
  const peers = Object.entries(peerDependencies).map(([peer, range]) => `| \`${peer}\` | ${range} | |`);
  return [`| types besides its own | ${needs[platformOf(name)]} | |`, ...peers];
}

/** The table for one package, or the table without the rows that differ. */
function table(manifest?: Manifest): string {
  return `| with | works | does not work |
|---|---|---|
| Node | 20 and later; tested from 20.18 to 26 | |
| \`require()\` | Node 20.19, 22.12 and later | before; use \`import()\` |
| Bun, Deno | Bun 1.4, Deno 2.9 | |
| TypeScript | 5.7 to 7.0, also with \`skipLibCheck\` off | |
| \`moduleResolution\` | \`node16\`, \`nodenext\`, \`bundler\` | \`node10\` |
| TypeScript in CommonJS files | \`nodenext\`, tested from 5.9 | \`node16\`, and 5.7 |
${(manifest === undefined ? [] : ownRows(manifest)).map((row) => `${row}\n`).join("")}| bundlers | esbuild 0.28, Vite 8, rollup 4, webpack 5 | |
| vitest | 5, with no configuration | |
| Jest | 30, with \`--experimental-vm-modules\` | without that flag |
| package managers | npm 11; pnpm 10, also strict | |`;
}

/** `readme` with the table. A README without a table gets it at its end. */
export function withRequirements(readme: string, manifest?: Manifest): string {
  const block = `${BEGIN}\n\n${table(manifest)}\n\n${END}`;
  const begin = readme.indexOf(BEGIN);
  if (begin === -1) return `${readme.trimEnd()}\n\n## Requirements\n\n${block}\n`;
  const end = readme.indexOf(END, begin);
  if (end === -1) throw new Error(`The README has "${BEGIN}" but not "${END}"`);
  return readme.slice(0, begin) + block + readme.slice(end + END.length);
}
