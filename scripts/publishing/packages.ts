// The published packages, and the repository's address, which comes from the root's package.json.
import { existsSync, readdirSync, readFileSync } from "node:fs";

/** The fields of a package.json that matter for publishing. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly description?: string;
  readonly keywords?: readonly string[];
  readonly author?: string;
  readonly license?: string;
  readonly homepage?: string;
  readonly bugs?: { readonly url: string };
  readonly repository?: { readonly type: string; readonly url: string; readonly directory?: string };
  readonly engines?: Readonly<Record<string, string>>;
  readonly exports?: Readonly<Record<string, unknown>>;
  readonly files?: readonly string[];
  readonly publishConfig?: { readonly access?: string };
  readonly scripts?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

/** A published package and its folder, such as `packages/core`. */
export interface Package {
  readonly folder: string;
  readonly manifest: Manifest;
}

export function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(`${folder}/package.json`, "utf8")) as Manifest;
}

/** Every package in `packages` that is not private. */
export function publishedPackages(root = "."): Package[] {
  return readdirSync(`${root}/packages`)
    .toSorted()
    .map((name) => `packages/${name}`)
    .filter((folder) => existsSync(`${root}/${folder}/package.json`))
    .map((folder) => ({ folder, manifest: readManifest(`${root}/${folder}`) }))
    .filter(({ manifest }) => manifest.private !== true);
}

/** The address of the repository for a browser, without a slash at the end. */
export function webAddress(root: Manifest): string {
  const url = root.repository?.url ?? "";
  const [, address] = /^git\+(https:\/\/.+)\.git$/.exec(url) ?? [];
  if (address !== undefined) return address;
  throw new Error(`repository.url in package.json must be "git+https://….git"; got ${JSON.stringify(url)}`);
}
