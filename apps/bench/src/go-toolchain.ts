import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const sources = fileURLToPath(new URL("../go/", import.meta.url));

/** The compiled Go contender, or why there is none, in a line. */
export type GoContender = { readonly path: string; readonly version: string } | { readonly missing: string };

/** Compiles the Go contender, unless that was done before with the same sources and the same Go. */
export async function buildGo(signal: AbortSignal): Promise<GoContender> {
  let version: string;
  try {
    const { stdout } = await run("go", ["env", "GOVERSION", "GOOS", "GOARCH"], { signal });
    version = stdout.trim().split(/\s+/).join("-");
  } catch {
    signal.throwIfAborted();
    return {
      missing:
        "No Go on PATH: install it from https://go.dev/dl/ (Debian: apt install golang-go) to compare with io.Pipe",
    };
  }
  try {
    return { path: await compiled(version, signal), version };
  } catch (error) {
    signal.throwIfAborted();
    const [reason] = String((error as { stderr?: string }).stderr || error)
      .trim()
      .split("\n");
    return { missing: `Go is on PATH but could not compile the contender: ${reason}` };
  }
}

async function compiled(version: string, signal: AbortSignal): Promise<string> {
  const hash = createHash("sha256").update(version);
  for (const name of readdirSync(sources).toSorted()) hash.update(readFileSync(join(sources, name)));
  const folder = cacheFolder();
  const path = join(folder, `io-pipe-${hash.digest("hex").slice(0, 16)}`);
  if (existsSync(path)) return path;
  // Under its final name only once it is whole: compiling may be interrupted.
  const unfinished = `${path}.${process.pid}`;
  const env = { GOCACHE: join(folder, "go-build"), ...process.env };
  await run("go", ["build", "-o", unfinished, "."], { cwd: sources, env, signal });
  renameSync(unfinished, path);
  return path;
}

/** Beside the installed packages: Git ignores it and a fresh install clears it. */
function cacheFolder(): string {
  const folder = fileURLToPath(new URL("../node_modules/.cache/", import.meta.url));
  mkdirSync(folder, { recursive: true });
  return folder;
}
