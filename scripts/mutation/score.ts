import type { Judged } from "./trial.ts";

/** The share of mutants that tests kill, in percent, and the 95 % confidence interval of the share of all mutants. */
export interface Score {
  readonly killed: number;
  readonly valid: number;
  readonly percent: number;
  readonly low: number;
  readonly high: number;
}

/**
 * Mutants that cannot be run are not counted. The interval is Wilson's, which is valid for small samples. If all mutants were judged, there is none.
 */
export function scoreOf(judged: readonly Judged[], isWhole: boolean): Score {
  const valid = judged.filter(
    ({ verdict }) => !["NotRun", "Ignored", "CompileError", "RuntimeError"].includes(verdict),
  );
  const killed = valid.filter(({ verdict }) => verdict === "Killed" || verdict === "Timeout").length;
  const n = valid.length;
  const share = n === 0 ? 1 : killed / n;
  if (isWhole || n === 0)
    return { killed, valid: n, percent: 100 * share, low: 100 * share, high: 100 * share };
  const z = 1.96;
  const middle = (share + z ** 2 / (2 * n)) / (1 + z ** 2 / n);
  const half = (z / (1 + z ** 2 / n)) * Math.sqrt((share * (1 - share)) / n + z ** 2 / (4 * n ** 2));
  return { killed, valid: n, percent: 100 * share, low: 100 * (middle - half), high: 100 * (middle + half) };
}
