import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { command } from "../publishing/command.ts";
import { type Platform as Needs, platformOf } from "../publishing/requirements.ts";
import type { Case } from "./case.ts";
import { TOOLS } from "./tools.ts";

const VERSIONS = ["5.7", "5.9", "7.0"];
const DOM = ["dom", "dom.iterable", "dom.asynciterable"];

/** The declarations in the user's program: its `lib` and its `types`. */
interface Platform {
  readonly name: string;
  readonly lib: readonly string[];
  readonly types: readonly string[];
  /** The packages that compile there, by the declarations that they need. */
  readonly holds: readonly Needs[];
}

const platforms: readonly Platform[] = [
  { name: "neither DOM nor Node", lib: [], types: [], holds: ["nothing"] },
  { name: "DOM", lib: DOM, types: [], holds: ["nothing", "DOM or Node"] },
  { name: "Node", lib: [], types: ["node"], holds: ["nothing", "DOM or Node", "Node"] },
  { name: "DOM and Node", lib: DOM, types: ["node"], holds: ["nothing", "DOM or Node", "Node"] },
];

/** Compiles imports of `entries` with `skipLibCheck` off, in a folder inside the one with the packages. */
export function typeCases(folder: string, entries: readonly string[]): Case[] {
  const [neither, , , both] = platforms as [Platform, Platform, Platform, Platform];
  const cases: Case[] = [];
  for (const version of VERSIONS) {
    for (const platform of platforms) cases.push(compile(version, "nodenext", platform));
    for (const resolution of ["node16", "bundler"]) cases.push(compile(version, resolution, both));
    cases.push(compile(version, "node10", both, version === "7.0" ? /TS5108/ : /TS2307/));
    // From 5.8 on, TypeScript accepts that CommonJS requires modules.
    cases.push(compile(version, "nodenext", neither, version === "5.7" ? /TS1479/ : undefined, "cts"));
    cases.push(compile(version, "node16", neither, /TS1479/, "cts"));
  }
  return cases;

  function compile(
    version: string,
    resolution: string,
    { name, lib, types, holds }: Platform,
    fails?: RegExp,
    extension = "ts",
  ): Case {
    const modules = { node10: "commonjs", bundler: "esnext", node16: "node16", nodenext: "nodenext" }[
      resolution
    ];
    const kind = extension === "cts" ? "from CommonJS" : `with ${name}`;
    return {
      group: `TypeScript ${version}`,
      name: `moduleResolution ${resolution}, ${kind}`,
      ...(fails && { fails }),
      run: async () => {
        const project = join(
          folder,
          `types-${version}-${resolution}-${name.replaceAll(" ", "-")}-${extension}`,
        );
        mkdirSync(project);
        const compilerOptions = {
          target: "es2022",
          lib: ["es2022", ...lib],
          types,
          module: modules,
          moduleResolution: resolution,
          strict: true,
          noEmit: true,
          skipLibCheck: false,
        };
        const file = `program.${extension}`;
        writeFileSync(join(project, "tsconfig.json"), JSON.stringify({ compilerOptions, files: [file] }));
        const declared = entries.filter((entry) => holds.includes(platformOf(packageOf(entry))));
        const lines = declared.map((entry, index) => `export * as entry${index} from "${entry}";\n`);
        writeFileSync(join(project, file), lines.join(""));
        await command(process.execPath, [join(TOOLS, `typescript${version}/bin/tsc`), "-p", "."], {
          cwd: project,
        });
      },
    };
  }
}

/** `@pipe512/core` for `@pipe512/core/sync`. */
function packageOf(entry: string): string {
  return entry.split("/").slice(0, 2).join("/");
}
