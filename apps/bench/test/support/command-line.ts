import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../../src/main.ts", import.meta.url));

/** How a run of the bench ended. */
export interface Ending {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcessWithoutNullStreams;
  readonly ending: Promise<Ending>;
}

/** Starts the bench from its sources in a separate process, with `folder` as the folder in which npm was called. */
export function start(folder: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Running {
  const child = spawn(process.execPath, ["--conditions=@pipe512/source", MAIN, ...args], {
    cwd: folder,
    env: { ...process.env, INIT_CWD: folder, NODE_OPTIONS: "", ...env },
  });
  const all = Promise.all([once(child, "close"), text(child.stdout), text(child.stderr)]);
  return {
    child,
    ending: all.then(([[code], stdout, stderr]) => ({ code: code as number | null, stdout, stderr })),
  };
}

export function bench(folder: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ending> {
  return start(folder, args, env).ending;
}

/** A temporary folder that is removed at the end of the test. */
export class Folder implements Disposable {
  readonly path: string = mkdtempSync(join(tmpdir(), "pipe512-bench-"));

  /** Writes a file into it and returns its absolute path. */
  add(name: string, content: string | Uint8Array): string {
    const path = join(this.path, name);
    writeFileSync(path, content);
    return path;
  }

  /**
   * A Node that first runs the given `sh` lines with its own arguments. With it, an implementation can fail as in a
   * real run, without a mock in the bench.
   */
  addNode(lines: string): string {
    const path = this.add("node", `#!/bin/sh\n${lines}\nexec "${process.execPath}" "$@"\n`);
    chmodSync(path, 0o755);
    return path;
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
