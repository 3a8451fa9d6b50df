// A user's project: an empty folder outside the repository, with the packages installed from their tarballs.
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { command } from "./command.ts";
import { type Package, readManifest } from "./packages.ts";

/** Packs each package and returns the tarballs by package name. */
export async function pack(packages: readonly Package[], folder: string): Promise<Map<string, string>> {
  mkdirSync(folder, { recursive: true });
  const tarballs = new Map<string, string>();
  // One after the other, because each pack builds the package and its dependencies.
  for (const { folder: source, manifest } of packages) {
    const args = ["pack", "--silent", "--pack-destination", folder];
    const file = (await command("npm", args, { cwd: source })).trim().split("\n").at(-1) ?? "";
    tarballs.set(manifest.name, join(folder, file));
  }
  return tarballs;
}

/** The peer dependencies that a user installs, and the types of Node, in the versions of this repository. */
export function peers(packages: readonly Package[]): Record<string, string> {
  const wanted = new Set(packages.flatMap(({ manifest }) => Object.keys(manifest.peerDependencies ?? {})));
  const pinned = packages.map(({ manifest }) => manifest.devDependencies ?? {});
  const entries = [...wanted].map((name) => [
    name,
    pinned.find((versions) => name in versions)?.[name] ?? "*",
  ]);
  return {
    ...(Object.fromEntries(entries) as Record<string, string>),
    "@types/node": readManifest(".").devDependencies?.["@types/node"] ?? "*",
  };
}

/** Makes a folder with a package.json and the files of `programs`. */
export function emptyFolder(folder: string, manifest: object, programs?: string): string {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, type: "module", ...manifest }));
  if (programs !== undefined) cpSync(programs, folder, { recursive: true });
  return folder;
}

export async function installWithNpm(folder: string, env: Record<string, string> = {}): Promise<void> {
  const args = ["install", "--no-audit", "--no-fund", "--loglevel=error", "--engine-strict"];
  await command("npm", args, { cwd: folder, env });
}

/**
 * Installs with pnpm in its strictest mode: a package can import only the dependencies that it declares. `tools` is the
 * folder with pnpm. pnpm keeps its store, its cache and its state in `home` instead of the user's home.
 */
export async function installWithPnpm(
  folder: string,
  { tools, home, registry }: { readonly tools: string; readonly home: string; readonly registry: string },
): Promise<void> {
  const strict = ["node-linker=isolated", "hoist=false", "strict-peer-dependencies=true"];
  const settings = [...strict, "auto-install-peers=false", "engine-strict=true"];
  writeFileSync(join(folder, ".npmrc"), `${settings.join("\n")}\n`);
  const env = {
    XDG_DATA_HOME: home,
    XDG_CACHE_HOME: home,
    XDG_STATE_HOME: home,
    XDG_CONFIG_HOME: home,
    PNPM_HOME: home,
    npm_config_registry: registry,
  };
  const args = [
    join(tools, "pnpm/bin/pnpm.cjs"),
    "install",
    "--no-frozen-lockfile",
    `--store-dir=${join(home, "store")}`,
  ];
  await command(process.execPath, args, { cwd: folder, env });
}

/** The registry that npm uses. */
export async function registryOfThisMachine(): Promise<string> {
  return (await command("npm", ["config", "get", "registry"], { cwd: "." })).trim();
}
