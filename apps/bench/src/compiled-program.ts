import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);

/** A compiled implementation, or one line that says why it is missing. */
export type CompiledImplementation =
  | { readonly path: string; readonly version: string }
  | { readonly missing: string };

/** A compiler, and the sources that it compiles. */
export interface Toolchain {
  /** The name of its program. */
  readonly name: string;
  /** The folder of the sources. */
  readonly sources: URL;
  /** Runs the compiler for its version, and finds the version in the output. */
  readonly ask: readonly string[];
  version(answer: string): string;
  /** The message if there is no such compiler. */
  readonly missing: string;
  /** The command that compiles the sources, which are the current folder. `cache` is a folder that is kept. */
  command(output: string, cache: string): { readonly line: readonly string[]; readonly env?: object };
}

/** Compiles an implementation, unless that was done before with the same sources and the same compiler. */
export async function build(toolchain: Toolchain, signal: AbortSignal): Promise<CompiledImplementation> {
  let version: string;
  const [compiler = "", ...question] = toolchain.ask;
  try {
    const { stdout } = await run(compiler, question, { signal });
    version = toolchain.version(stdout.trim());
  } catch {
    signal.throwIfAborted();
    return { missing: toolchain.missing };
  }
  try {
    return { path: await compiled(toolchain, version, signal), version };
  } catch (error) {
    signal.throwIfAborted();
    const [reason] = String((error as { stderr?: string }).stderr || error)
      .trim()
      .split("\n");
    return { missing: `${compiler} is on PATH but could not compile the implementation: ${reason}` };
  }
}

async function compiled(toolchain: Toolchain, version: string, signal: AbortSignal): Promise<string> {
  const sources = fileURLToPath(toolchain.sources);
  const hash = createHash("sha256").update(version);
  for (const name of readdirSync(sources).toSorted()) hash.update(readFileSync(join(sources, name)));
  const cache = cacheFolder();
  const path = join(cache, `${toolchain.name}-${hash.digest("hex").slice(0, 16)}`);
  if (existsSync(path)) return path;
  // It gets its final name only when it is complete, because compiling may be interrupted.
  const unfinished = `${path}.${process.pid}`;
  const { line, env } = toolchain.command(unfinished, cache);
  const [file = "", ...args] = line;
  await run(file, args, { cwd: sources, env: { ...env, ...process.env }, signal });
  renameSync(unfinished, path);
  return path;
}

/** Beside the installed packages: Git ignores it and a fresh install clears it. */
function cacheFolder(): string {
  const folder = fileURLToPath(new URL("../node_modules/.cache/", import.meta.url));
  mkdirSync(folder, { recursive: true });
  return folder;
}
