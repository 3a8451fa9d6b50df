import { createHash } from "node:crypto";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, parse, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { size } from "./report/format.ts";
import { UsageError } from "./usage-error.ts";

/** The file that is sent. */
export interface Input {
  readonly path: string;
  readonly bytes: number;
  /** In hexadecimal. */
  readonly sha256: string;
  /** A remark about the choice of the file. */
  readonly remark?: string;
}

/** The limit of a file, because each process that sends it holds the whole file in memory. */
const MOST_BYTES = 256 * 1024 * 1024;

/**
 * Reads the given file, or the default one.
 *
 * @throws {UsageError} If it cannot be read, is not a file, is empty or is too large.
 */
export function readInput(given: string | undefined): Input {
  return given === undefined ? defaultInput() : read(fromCaller(given));
}

function read(path: string): Input {
  const failure = (reason: string) => new UsageError(`Cannot send ${path}: ${reason}`);
  let bytes: number;
  try {
    const stats = statSync(path);
    if (stats.isDirectory()) throw failure("it is a directory, give a file");
    if (!stats.isFile()) throw failure("it is not a regular file");
    bytes = stats.size;
    if (bytes === 0) throw failure("it is empty, give a file with at least one byte");
    if (bytes > MOST_BYTES)
      throw failure(`it has ${size(bytes)} and must fit into memory, give at most ${size(MOST_BYTES)}`);
    return { path, bytes, sha256: createHash("sha256").update(readFileSync(path)).digest("hex") };
  } catch (error) {
    throw error instanceof UsageError ? error : failure(reasonOf(error));
  }
}

/** Relative to the folder where `npm` was called, because npm changes to the root of the project first. */
export function fromCaller(path: string): string {
  return resolve(process.env["INIT_CWD"] ?? ".", path);
}

/** The DOM type definitions of TypeScript, about 2 MB of text. If they are not installed, a smaller text that is. */
function defaultInput(): Input {
  const usual = domTypes();
  if (usual !== undefined) return read(usual);
  const path = createRequire(import.meta.url).resolve("simple-statistics");
  return {
    ...read(path),
    remark: `TypeScript's lib.dom.d.ts is not installed here: sending ${path} instead`,
  };
}

/** TypeScript 7 keeps its libraries in the package of the platform, beside the compiler. */
function domTypes(): string | undefined {
  try {
    const typescript = createRequire(import.meta.url).resolve("typescript/package.json");
    const platform = `@typescript/typescript-${process.platform}-${process.arch}/package.json`;
    const path = join(dirname(createRequire(typescript).resolve(platform)), "lib", "lib.dom.d.ts");
    return existsSync(path) ? path : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The default path of a report; Git ignores it. A partial run has its own report, so that it does not replace the last full
 * one.
 */
export function usualReport(isLimited: boolean): string {
  const folder = fileURLToPath(new URL("../reports/", import.meta.url));
  try {
    mkdirSync(folder, { recursive: true });
  } catch {
    // The check whether a file can be written there reports a problem.
  }
  return join(folder, isLimited ? "latest-limited.html" : "latest.html");
}

/** The path of the report of an interrupted run. It is beside an existing report, which may be of a full run. */
export function besides(path: string): string {
  if (!existsSync(path)) return path;
  const { dir, name, ext } = parse(path);
  return join(dir, `${name}.interrupted${ext}`);
}

/**
 * Checks before the measurements that a file can be written at the end.
 *
 * @throws {UsageError} If it cannot.
 */
export function expectWritable(path: string): void {
  try {
    const isNew = !existsSync(path);
    closeSync(openSync(path, "a"));
    if (isNew) rmSync(path);
  } catch (error) {
    throw new UsageError(`Cannot write ${path}: ${reasonOf(error)}`);
  }
}

/** Why a file cannot be used. */
export function reasonOf(error: unknown): string {
  const reasons: Readonly<Record<string, string>> = {
    ENOENT: "there is no such file or folder",
    EACCES: "access is denied",
    EISDIR: "it is a directory, give a file",
    EROFS: "the file system is read-only",
    ENOTDIR: "a part of the path is not a folder",
  };
  const { code = "", message } = error as NodeJS.ErrnoException;
  return reasons[code] ?? message;
}
