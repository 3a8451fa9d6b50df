import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** The results of one target: for each case whether it passed, and which extras it has. */
export interface Result {
  readonly cases: Readonly<Record<string, boolean>>;
  readonly extras: Readonly<Record<string, boolean>>;
}

/** The results of all targets on one version of Node. */
export interface Results {
  readonly node: string;
  readonly targets: Readonly<Record<TargetName, Result>>;
}

export const targetNames = ["pipe", "pass-through", "transform-stream", "stream-iter"] as const;
export type TargetName = (typeof targetNames)[number];

const streamIterFlag = "--experimental-stream-iter";

const folder = fileURLToPath(new URL("./results/", import.meta.url));

/** The file with the results of a Node: one for each major version that was measured. */
export const resultsFile = (major: number): string => `${folder}node-${major}.json`;

/** The stored results of a major version; `undefined` if it was not measured. */
export function keptResults(major: number): Results | undefined {
  const file = resultsFile(major);
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Results) : undefined;
}

/** The results of the newest Node that was measured, independent of the Node that runs now. */
export function newestResults(): Results {
  const majors = readdirSync(folder).map((name) => Number.parseInt(name.replace("node-", ""), 10));
  const results = keptResults(Math.max(...majors));
  if (results === undefined) throw new Error("There are no results yet: npm run conformance:table");
  return results;
}

/** The reason why `target` cannot be measured on the Node that runs now; `undefined` if it can. */
export async function reasonNotToMeasure(target: TargetName): Promise<string | undefined> {
  if (target !== "stream-iter") return undefined;
  const command = [streamIterFlag, "--eval", 'import("node:stream/iter")'];
  return promisify(execFile)(process.execPath, command).then(
    () => undefined,
    () => `Node ${process.versions.node} has no node:stream/iter: node ${streamIterFlag} fails to import it`,
  );
}

/**
 * Measures a target on the Node that runs now, in a separate process.
 *
 * @throws {Error} If the process fails.
 */
export async function measure(target: TargetName): Promise<Result> {
  const flags = ["--expose-gc", "--no-warnings", "--conditions=@pipe512/source"];
  if (target === "stream-iter") flags.push(streamIterFlag);
  const program = fileURLToPath(new URL("./programs/measure.ts", import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, program, target], {
    timeout: 60_000,
    killSignal: "SIGKILL",
    env: { ...process.env, NODE_OPTIONS: "" },
  });
  return JSON.parse(stdout) as Result;
}
