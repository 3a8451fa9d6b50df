// The contents of a published package. In the committed list, each module stands for the five files that it becomes.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { filesOf, sources } from "./build-output.ts";

/** The data of a tarball in the committed list. */
export interface Contents {
  readonly kilobytes: number;
  readonly files: readonly string[];
  readonly modules: readonly string[];
}

interface Packed {
  readonly size: number;
  readonly files: readonly { readonly path: string }[];
}

/** How much a tarball may grow or shrink before the check fails. */
const TOLERANCE = 0.1;

/** Builds the package in `folder`. Returns the content that npm would publish, and the part of it that must not be published. */
export function contentsOf(
  folder: string,
  places: ReadonlyMap<string, string>,
): { readonly contents: Contents; readonly problems: string[] } {
  const output = execFileSync("npm", ["pack", "--dry-run", "--json", "--silent"], {
    cwd: folder,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [{ size, files } = { size: 0, files: [] }] = JSON.parse(output) as Packed[];
  const paths = new Set(files.map(({ path }) => path));
  const { modules } = sources(folder);
  const ofModules = new Set(modules.flatMap(filesOf));
  return {
    contents: {
      kilobytes: Math.ceil(size / 1000),
      // A changelog comes with the first release.
      files: [...paths.difference(ofModules)].filter((path) => path !== "CHANGELOG.md"),
      modules,
    },
    problems: [
      ...[...ofModules.difference(paths)].map((path) => `${folder}/${path} is not published`),
      ...[...paths].flatMap((path) =>
        placesIn(`${folder}/${path}`, readFileSync(`${folder}/${path}`, "utf8"), places),
      ),
    ],
  };
}

/** Texts that no published file may contain, because they reveal where the file was made. */
export function placesOfThisMachine(): ReadonlyMap<string, string> {
  const registry = execFileSync("npm", ["config", "get", "registry"], { encoding: "utf8" }).trim();
  return new Map([
    ["the checkout's path", `${process.cwd()}/`],
    ["the registry's host", new URL(registry).host],
  ]);
}

/** The `places` that the text of `file` contains. */
export function placesIn(file: string, text: string, places: ReadonlyMap<string, string>): string[] {
  return [...places].filter(([, place]) => text.includes(place)).map(([name]) => `${file} contains ${name}`);
}

/** How a tarball differs from the committed list. */
export function differences(name: string, kept: Contents | undefined, now: Contents): string[] {
  if (kept === undefined) return [`${name} is new`];
  const compare = (kind: "files" | "modules"): string[] => {
    const [before, after] = [new Set(kept[kind]), new Set(now[kind])];
    return [
      ...[...after.difference(before)].map((file) => `${name} has a new entry in ${kind}: ${file}`),
      ...[...before.difference(after)].map((file) => `${name} lacks an entry of ${kind}: ${file}`),
    ];
  };
  const grown = Math.abs(now.kilobytes - kept.kilobytes) > kept.kilobytes * TOLERANCE;
  return [
    ...compare("files"),
    ...compare("modules"),
    ...(grown ? [`${name} has ${now.kilobytes} kB; ${kept.kilobytes} kB are kept`] : []),
  ];
}
