// The rules for the workflows, besides those of actionlint.
import { readFileSync } from "node:fs";
import type { Manifest } from "./packages.ts";

/** Commands that the gate cannot run, because they publish something. */
const ONLY_THERE = new Set(["git push origin --tags"]);

/** The scripts that the gate runs: the steps of `npm run ok`, of `.ci/run` and of the rehearsal. */
export function scriptsOfTheGate(root: Manifest): ReadonlySet<string> {
  const ok = root.scripts?.["ok"] ?? "";
  const steps = Array.from(ok.matchAll(/\bnpm (?:run )?([\w:]+)/g), ([, script = ""]) => script);
  const ci = readFileSync(".ci/run", "utf8");
  const inCi = Array.from(ci.matchAll(/\bnpm (?:run )?(?:--silent )?([\w:]+)/g), ([, script = ""]) => script);
  const rehearsal = readFileSync("scripts/rehearsal/main.ts", "utf8");
  const rehearsed = Array.from(rehearsal.matchAll(/\["run", "([\w:]+)"/g), ([, script = ""]) => script);
  return new Set(["ok", ...steps, ...inCi, ...rehearsed]);
}

/** The problems of a workflow: an action without a pinned commit, or a command that the gate does not run. */
export function workflowProblems(file: string, text: string, gate: ReadonlySet<string>): string[] {
  return text.split("\n").flatMap((line, index) => {
    const problem = problemOf(line);
    return problem === undefined ? [] : [`${file}:${index + 1}: ${problem}`];
  });

  function problemOf(line: string): string | undefined {
    const [, action] = /\buses: *(\S.*)$/.exec(line) ?? [];
    if (action !== undefined && !/^[\w-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(action))
      return `${action} must be pinned by a commit, with its version as a comment`;
    const [, command] = /\brun: *(.*)$/.exec(line) ?? [];
    if (command === undefined || ONLY_THERE.has(command)) return undefined;
    const [, script] = /^npm (?:run )?([\w:]+)(?: -- [\w=/ -]+)?$/.exec(command) ?? [];
    if (script !== undefined && gate.has(script)) return undefined;
    return `${command} is not a command of the gate`;
  }
}
