import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build, type Toolchain } from "../compiled-program.ts";
import { onOneProcessor } from "../one-processor.ts";
import type { Implementation } from "../subjects/implementation.ts";
import { GO } from "../subjects/implementations.ts";
import { C_RING, ORDERED_C_RING } from "../subjects/threads/implementations.ts";
import { toolchains } from "../toolchains.ts";
import { UsageError } from "../usage-error.ts";
import type { BrowserRuntime } from "../browser/browser.ts";
import { type Command, ImplementationProcess } from "./implementation-process.ts";
import { ImplementationFailure, type Measurer } from "./measurer.ts";
import type { Task } from "./protocol.ts";

const run = promisify(execFile);

/** The programs that run implementations on this machine. */
export interface Runtimes {
  readonly node: NodeRuntime;
  /** Why there is none, in one line; empty if it was not requested. */
  readonly go: CompiledRuntime | string;
  /** The same for C. */
  readonly c: CompiledRuntime | string;
  /** The runtime in place of `node`, if one was requested. */
  readonly browser?: BrowserRuntime | undefined;
}

/** The runtime for JavaScript: Node, or its replacement. */
export interface NodeRuntime {
  readonly name: "Node" | "Bun" | "Deno";
  readonly command: Command;
  /** `24.21.0`: the version of Node, or the one that Bun or Deno reports. */
  readonly version: string;
  /** Its own version, if it is not Node. */
  readonly ownVersion?: string;
  readonly v8Version: string;
}

/** A compiled implementation, and the name and version of its compiler. */
export interface CompiledRuntime {
  readonly command: Command;
  readonly version: string;
}

/** The runtimes of `npm run test:runtimes`, and their folder. */
const INSTALLED = {
  node20: { program: "node20/bin/node", args: [] },
  node22: { program: "node22/bin/node", args: [] },
  node24: { program: "node24/bin/node", args: [] },
  node26: { program: "node26/bin/node", args: [] },
  bun: { program: "@oven/bun-linux-x64/bin/bun", args: [] },
  deno: {
    program: "@deno/linux-x64-glibc/deno",
    args: ["run", "--allow-all", "--no-lock", "--v8-flags=--expose-gc"],
  },
} as const;

export type RuntimeName = keyof typeof INSTALLED;
export const runtimeNames = Object.keys(INSTALLED) as RuntimeName[];

const folder = new URL("../../../../tools/runtimes/node_modules/", import.meta.url);

/** @throws {UsageError} If it is not installed. */
export function findRuntime(name: RuntimeName): Promise<NodeRuntime> {
  const { program, args } = INSTALLED[name];
  const path = fileURLToPath(new URL(program, folder));
  if (!existsSync(path))
    throw new UsageError(
      `Cannot measure with ${name}: it is not installed; run npm run test:runtimes to install it`,
    );
  return findNode(path, args);
}

const ABOUT_ITSELF =
  "const { node, v8, bun, deno } = process.versions; console.log(JSON.stringify([node, v8, bun, deno]))";

/**
 * @param args The arguments before the program.
 * @throws {UsageError} If `path` is neither Node nor a replacement.
 */
export async function findNode(path: string, args: readonly string[] = []): Promise<NodeRuntime> {
  try {
    const { stdout } = await run(path, args.length === 0 ? ["-e", ABOUT_ITSELF] : ["eval", ABOUT_ITSELF]);
    const [version, v8Version, bun, deno] = JSON.parse(stdout) as (string | null)[];
    const known = { version: version ?? "", v8Version: v8Version ?? "" };
    const own = bun ?? deno;
    if (own === undefined || own === null)
      return { name: "Node", command: { path, args: ["--expose-gc", ...programArguments()] }, ...known };
    const command = { path, args: [...args, ...programArguments()] };
    return { name: typeof bun === "string" ? "Bun" : "Deno", command, ...known, ownVersion: own };
  } catch {
    throw new UsageError(`Cannot measure with ${path}: it does not run as Node does`);
  }
}

/** The name of the runtime in reports. */
export function titleOf({ node, browser }: Runtimes): string {
  if (browser !== undefined) return `Chromium ${browser.version}`;
  return `${node.name} ${node.ownVersion ?? node.version}`;
}

/** Compiles the Go implementation if Go is installed. */
export function findGo(signal: AbortSignal): Promise<CompiledRuntime | string> {
  return compile(toolchains.go, signal);
}

/** Compiles the C implementation if a C compiler is installed. */
export function findC(signal: AbortSignal): Promise<CompiledRuntime | string> {
  return compile(toolchains.c, signal);
}

async function compile(toolchain: Toolchain, signal: AbortSignal): Promise<CompiledRuntime | string> {
  const built = await build(toolchain, signal);
  return "missing" in built
    ? built.missing
    : { command: { path: built.path, args: [] }, version: built.version };
}

/** Why an implementation cannot be measured on this machine; `undefined` if it can. */
export function absence(implementation: Implementation, runtimes: Runtimes): string | undefined {
  const { node, browser } = runtimes;
  const compiled = compiledOf(implementation, runtimes);
  if (compiled !== undefined) return typeof compiled === "string" ? compiled : undefined;
  if (browser !== undefined) return browser.absences.get(implementation.name);
  return runsOn(implementation, node.version) ? undefined : `Node ${implementation.needs?.node} is needed`;
}

/**
 * Starts the process or page of an implementation.
 *
 * @throws {ImplementationFailure} If it is missing, or does not get ready.
 */
export async function measurer(
  implementation: Implementation,
  runtimes: Runtimes,
  task: Task,
  timeLimitMs: number,
): Promise<Measurer> {
  const reason = absence(implementation, runtimes);
  if (reason !== undefined) throw new ImplementationFailure("takes no part", reason);
  const { node, browser } = runtimes;
  const compiled = compiledOf(implementation, runtimes);
  if (typeof compiled === "object") return ImplementationProcess.start(compiled.command, task, timeLimitMs);
  if (browser !== undefined) return browser.measurer(task, timeLimitMs);
  const { path, args } = node.command;
  const usual = { path, args: [...(implementation.needs?.flags ?? []), ...args] };
  const command = task.parameters.oneProcessor ? onOneProcessor(usual) : usual;
  if (typeof command === "string") throw new ImplementationFailure("takes no part", command);
  return ImplementationProcess.start(command, task, timeLimitMs);
}

/** For an implementation that is not JavaScript: its program, or why there is none. */
function compiledOf({ name }: Implementation, { go, c }: Runtimes): CompiledRuntime | string | undefined {
  if (name === GO) return go;
  return name === C_RING || name === ORDERED_C_RING ? c : undefined;
}

/** Whether a version of Node such as `26.10.0` has what the implementation needs. */
export function runsOn({ needs }: Implementation, nodeVersion: string): boolean {
  return needs === undefined || nodeVersion.localeCompare(needs.node, "en", { numeric: true }) >= 0;
}

/** Run from sources, the child processes also run from sources. Memory is measured after a collection, which needs `--expose-gc`. */
function programArguments(): string[] {
  const child = `./child${extname(fileURLToPath(import.meta.url))}`;
  const conditions = process.execArgv.filter((argument) => argument.startsWith("--conditions="));
  return [...conditions, fileURLToPath(new URL(child, import.meta.url))];
}
