import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { extname } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { fromCaller } from "../input.ts";
import { type Finding, frameOf, LINE, type Message } from "./finding.ts";
import type { DoctorOptions } from "./options.ts";

/** How a script ended, and what was found. */
export interface Examination {
  readonly findings: readonly Finding[];
  /** The number of pipes; `undefined` if the script ended before it could report it. */
  readonly pipes: number | undefined;
  /** Its exit code, or the signal that ended it. */
  readonly ending: number | NodeJS.Signals;
  /** Whether the doctor ended it. */
  readonly ended: boolean;
}

/** How long a script may take to report its waiting operations before it is killed. */
const GRACE_MS = 2000;

/**
 * Runs a script and records the operations that wait in its pipes.
 *
 * @param signal Ends the script when it aborts.
 * @param tell Called for each stall when it happens.
 */
export async function examine(
  { script, args, stallAfterMs, limitMs }: DoctorOptions,
  signal: AbortSignal,
  tell: (stall: Finding) => void,
): Promise<Examination> {
  const preload = new URL(`./preload${extname(fileURLToPath(import.meta.url))}`, import.meta.url);
  preload.searchParams.set("stallAfterMs", String(stallAfterMs));
  const conditions = process.execArgv.filter((flag) => flag.startsWith("--conditions"));
  const child = spawn(process.execPath, [...conditions, "--import", preload.href, script, ...args], {
    cwd: fromCaller("."),
    stdio: ["inherit", "inherit", "inherit", "pipe"],
  });
  let ended = false;
  const end = (): void => {
    ended = true;
    endSoon(child);
  };
  signal.addEventListener("abort", end);
  const limit = limitMs === undefined ? undefined : setTimeout(end, limitMs);
  const closed = once(child, "close");
  const findings: Finding[] = [];
  let pipes: number | undefined;
  try {
    for await (const line of createInterface({ input: child.stdio[LINE] as Readable })) {
      const message = JSON.parse(line) as Message;
      if (message.kind === "pipes") {
        pipes = (pipes ?? 0) + message.count;
      } else {
        findings.push(message);
        if (message.kind === "stall") tell(message);
      }
    }
    const [code, killedBy] = (await closed) as [number | null, NodeJS.Signals | null];
    return { findings: counted(withoutStalls(findings)), pipes, ending: code ?? killedBy ?? 0, ended };
  } finally {
    clearTimeout(limit);
    signal.removeEventListener("abort", end);
  }
}

/** Makes the script report its waiting operations. A script that blocks its thread cannot do so, and is killed. */
function endSoon(child: ChildProcess): void {
  child.kill("SIGINT");
  const kill = setTimeout(() => child.kill("SIGKILL"), GRACE_MS);
  child.once("close", () => clearTimeout(kill));
}

/** Removes the stalls of pipes with an operation that waits at the end, so that each is reported once. */
function withoutStalls(findings: readonly Finding[]): Finding[] {
  const waiting = findings.filter(({ kind }) => kind === "deadlock" || kind === "waits");
  const waitsInTheEnd = ({ thread, pipe }: Finding): boolean =>
    waiting.some((other) => other.thread === thread && other.pipe?.id === pipe?.id);
  return findings.filter((finding) => finding.kind !== "stall" || !waitsInTheEnd(finding));
}

/** Lost ends of pipes that were made at the same place and lost in the same way are one finding. */
function counted(findings: readonly Finding[]): Finding[] {
  const counts = new Map<string, Finding>();
  for (const [index, finding] of findings.entries()) {
    const { kind, thread, pipe } = finding;
    const what = [kind, thread, pipe?.name, pipe?.reader, pipe?.writer, frameOf(finding)].join("\n");
    const key = kind === "leak" ? what : String(index);
    const known = counts.get(key);
    counts.set(key, known === undefined ? finding : { ...known, times: (known.times ?? 1) + 1 });
  }
  return [...counts.values()];
}
