import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import { cleanEnvironment } from "../publishing/command.ts";

export interface Registry extends AsyncDisposable {
  readonly address: string;
  /** The environment in which npm uses this registry. It has its own cache, so that the user's cache stays unchanged. */
  readonly env: Readonly<Record<string, string>>;
}

/** Starts a registry on loopback that keeps everything in `folder`. */
export async function startRegistry(folder: string, upstream: string): Promise<Registry> {
  mkdirSync(folder);
  const program = resolve("tools/rehearsal/registry.mjs");
  const child = spawn(process.execPath, [program, folder, upstream], {
    cwd: folder,
    env: cleanEnvironment(),
    stdio: ["pipe", "pipe", "inherit"],
  });
  const ended = once(child, "exit");
  const lines = createInterface(child.stdout);
  const address = await Promise.race([
    once(lines, "line").then(([line]) => String(line)),
    ended.then(() => "nothing: it has ended"),
  ]);
  // The next steps publish to this address, so it must be this machine.
  if (!/^http:\/\/127\.0\.0\.1:\d+\/$/.test(address))
    throw new Error(`The registry must print an address on loopback; got ${address}`);

  const userconfig = `${folder}/npmrc`;
  writeFileSync(userconfig, `registry=${address}\n${address.slice("http:".length)}:_authToken=rehearsal\n`);
  return {
    address,
    env: {
      npm_config_userconfig: userconfig,
      npm_config_registry: address,
      npm_config_cache: `${folder}/cache`,
      // A registry on loopback signs no packages.
      npm_config_provenance: "false",
    },
    async [Symbol.asyncDispose]() {
      child.stdin.end();
      await ended;
    },
  };
}
