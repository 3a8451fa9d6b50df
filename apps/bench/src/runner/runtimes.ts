import { execFile } from "node:child_process";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { buildGo } from "../go-toolchain.ts";
import { type Contender, GO } from "../subjects/contenders.ts";
import { UsageError } from "../usage-error.ts";
import type { Command } from "./contender-process.ts";

const run = promisify(execFile);

/** What runs contenders on this machine. */
export interface Runtimes {
  readonly node: NodeRuntime;
  /** Where there is none: why, in a line; empty if nobody asked for it. */
  readonly go: GoRuntime | string;
}

export interface NodeRuntime {
  readonly command: Command;
  /** `24.21.0` */
  readonly version: string;
  readonly v8Version: string;
}

export interface GoRuntime {
  readonly command: Command;
  readonly version: string;
}

/** @throws {UsageError} If `path` is no Node. */
export async function findNode(path: string): Promise<NodeRuntime> {
  try {
    const { stdout } = await run(path, [
      "-p",
      "JSON.stringify([process.versions.node, process.versions.v8])",
    ]);
    const [version, v8Version] = JSON.parse(stdout) as [string, string];
    return { command: { path, args: nodeArguments() }, version, v8Version };
  } catch {
    throw new UsageError(`Cannot measure with ${path}: it does not run as Node does`);
  }
}

/** Compiles the Go contender where Go is. */
export async function findGo(signal: AbortSignal): Promise<GoRuntime | string> {
  const built = await buildGo(signal);
  return "missing" in built
    ? built.missing
    : { command: { path: built.path, args: [] }, version: built.version };
}

/** How to start a contender's process, or `undefined` where this machine cannot. */
export function commandOf(contender: Contender, { node, go }: Runtimes): Command | undefined {
  if (contender.name === GO) return typeof go === "string" ? undefined : go.command;
  if (!runsOn(contender, node.version)) return undefined;
  const flags = contender.needs?.flags ?? [];
  return { path: node.command.path, args: [...flags, ...node.command.args] };
}

/** Whether a version of Node such as `26.10.0` has what the contender needs. */
export function runsOn({ needs }: Contender, nodeVersion: string): boolean {
  return needs === undefined || nodeVersion.localeCompare(needs.node, "en", { numeric: true }) >= 0;
}

/** Memory is measured after a collection. From sources, the children run from sources too. */
function nodeArguments(): string[] {
  const child = `./child${extname(fileURLToPath(import.meta.url))}`;
  const conditions = process.execArgv.filter((argument) => argument.startsWith("--conditions="));
  return ["--expose-gc", ...conditions, fileURLToPath(new URL(child, import.meta.url))];
}
