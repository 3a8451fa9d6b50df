// What a published package contains. The list that is kept names each module once for the five files it becomes.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { filesOf, sources } from "./build-output.ts";

/** What is kept of a tarball, to compare the next one with. */
export interface Contents {
  readonly kilobytes: number;
  readonly files: readonly string[];
  readonly modules: readonly string[];
}

interface Packed {
  readonly size: number;
  readonly files: readonly { readonly path: string }[];
}

/** How much a tarball may grow or shrink before somebody has to look at it. */
const TOLERANCE = 0.1;

/** Builds the package in `folder`, and says what npm would publish of it and what of that must not be. */
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

/** What no published file may contain, since it tells where the file was made. */
export function placesOfThisMachine(): ReadonlyMap<string, string> {
  const registry = execFileSync("npm", ["config", "get", "registry"], { encoding: "utf8" }).trim();
  return new Map([
    ["the checkout's path", `${process.cwd()}/`],
    ["the registry's host", new URL(registry).host],
  ]);
}

/** Which of the `places` the text of `file` names. */
export function placesIn(file: string, text: string, places: ReadonlyMap<string, string>): string[] {
  return [...places].filter(([, place]) => text.includes(place)).map(([name]) => `${file} contains ${name}`);
}

/** How a tarball differs from what is kept of it. */
export function differences(name: string, kept: Contents | undefined, now: Contents): string[] {
  if (kept === undefined) return [`${name} is new`];
  const compare = (kind: "files" | "modules"): string[] => {
    const [before, after] = [new Set(kept[kind]), new Set(now[kind])];
    return [
      ...[...after.difference(before)].map((file) => `${name} has one more of the ${kind}: ${file}`),
      ...[...before.difference(after)].map((file) => `${name} has lost one of the ${kind}: ${file}`),
    ];
  };
  const grown = Math.abs(now.kilobytes - kept.kilobytes) > kept.kilobytes * TOLERANCE;
  return [
    ...compare("files"),
    ...compare("modules"),
    ...(grown ? [`${name} has ${now.kilobytes} kB; ${kept.kilobytes} kB are kept`] : []),
  ];
}
