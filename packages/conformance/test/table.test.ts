import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { behaviours } from "@pipe512/conformance";
import { describe, expect, test } from "vitest";
import {
  keptResults,
  measure,
  newestResults,
  type Result,
  reasonNotToMeasure,
  type TargetName,
  targetNames,
} from "./results.ts";
import { casesWithoutRow, renderTable, withTable } from "./table.ts";

const titles = Object.values(behaviours).flatMap((cases) => cases.map(({ title }) => title));
const timed = new Set(behaviours["fairness"]?.map(({ title }) => title));
const major = Number.parseInt(process.versions.node, 10);

describe("the table in the README", () => {
  // Red when: a cell of the table is edited by hand.
  test("is what the results of the newest measured Node say", () => {
    const readme = readFileSync(fileURLToPath(new URL("../../../README.md", import.meta.url)), "utf8");
    expect(withTable(readme, renderTable(newestResults()))).toBe(readme);
  });

  // Red when: a row is removed.
  test("has a row for every case", () => {
    expect(casesWithoutRow(titles)).toEqual([]);
  });
});

describe(`the results kept for Node ${major}`, () => {
  const kept = keptResults(major);
  // Some cases measure time, and their results for the other streams are not compared: an endless transfer of
  // stream-iter lets timers fire in three runs out of four.
  // Red when: a `true` in the stored results is changed to `false`.
  test.for(targetNames)("are what %s does here and now", { timeout: 70_000 }, async (name, { skip }) => {
    skip(
      kept === undefined,
      `Node ${major} was not measured: run packages/conformance/test/programs/table.ts with it`,
    );
    const reason = await reasonNotToMeasure(name);
    skip(reason !== undefined, reason);
    expect(steady(name, await measure(name))).toEqual(kept && steady(name, kept.targets[name]));
  });
});

/** The results that must be the same in each run: all of the pipe, and those of the other streams that do not depend on time. */
function steady(name: TargetName, { cases, extras }: Result): Result {
  const same = Object.entries(cases).filter(([title]) => name === "pipe" || !timed.has(title));
  return { cases: Object.fromEntries(same), extras };
}
