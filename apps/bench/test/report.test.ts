import { describe, expect, test } from "vitest";
import { standings } from "../src/report/standings.ts";
import { table } from "../src/report/table.ts";
import type { Series } from "../src/runner/participant.ts";
import type { CostSample } from "../src/scenarios/scenario.ts";

function series(implementation: string, costs: readonly number[], failure?: string): Series<CostSample> {
  const samples = costs.map((cost): CostSample => ({ cost, unit: "ns/chunk", steps: 1, elapsedNs: cost }));
  const parameters = { chunkBytes: 512 };
  return {
    implementation,
    scenario: "transfer",
    parameters,
    samples,
    ...(failure === undefined ? {} : { failure }),
  };
}

describe("standings()", () => {
  // Red when: a table is compared with another implementation: a baseline, a floor, or one of pipe512.
  test("compare with PassThrough, else with TransformStream, else with the fastest peer", () => {
    const all = [series("memcpy", [1]), series("core await", [5]), series("textbook", [10])];
    const rivals = [
      series("Go io.Pipe", [30]),
      series("it-pushable", [20]),
      series("TransformStream", [40]),
      series("PassThrough", [50]),
    ];
    const references = rivals.map(
      (_, index) => standings([...all, ...rivals.slice(0, index + 1)])[0]?.reference,
    );
    expect(references).toEqual(["Go io.Pipe", "it-pushable", "TransformStream", "PassThrough"]);
  });

  // Red when: the ratio of the medians is used, which is 1 here.
  test("take the median of the ratios of the rounds", () => {
    const [one] = standings([series("core await", [1, 20, 30]), series("PassThrough", [10, 20, 15])]);
    const ours = one?.rows.find(({ implementation }) => implementation === "core await");
    expect(ours?.ratioToReference).toEqual({ median: 1, low: 0.1, high: 2 });
    expect(ours?.nsPerChunk).toBe(20);
  });

  // Red when: the measurements of an implementation before its failure are shown as its result.
  test("put failed implementations last, without numbers", () => {
    const [one] = standings([series("PassThrough", [1], "It broke"), series("core await", [5])]);
    expect(one?.rows.map(({ implementation, nsPerChunk }) => [implementation, nsPerChunk])).toEqual([
      ["core await", 5],
      ["PassThrough", undefined],
    ]);
    expect(one?.reference).toBeUndefined();
  });

  // Red when: the unit of bytes per ns is MB/s and not GB/s.
  test("count 512 bytes in 256 ns as 2,000 MB/s", () => {
    expect(standings([series("PassThrough", [256])])[0]?.rows[0]?.megabytesPerSecond).toBe(2000);
  });
});

describe("table()", () => {
  const columns = [
    { heading: "name", align: "left" },
    { heading: "more", align: "right", dispensable: 1 },
    { heading: "most", align: "right", dispensable: 2 },
    { heading: "value", align: "right" },
  ] as const;
  const rows = [
    ["a long name", "1", "2", "3"],
    ["b", "11", "22", "33"],
  ];

  test("sets numbers below each other", () => {
    expect(table(columns, rows, 80).split("\n")).toEqual([
      "name         more  most  value",
      "a long name     1     2      3",
      "b              11    22     33",
    ]);
  });

  // Red when: the column with the names of rows is dropped or cut off, or the title of a group makes a column wider.
  test("breaks names between words, and keeps the titles of groups", () => {
    const wrapping = [{ heading: "", align: "left", wraps: true }, columns[3]] as const;
    const named = ["a title that is longer than that", ["● a name of many many words", "3"]];
    expect(table(wrapping, named, 25).split("\n")).toEqual([
      "                    value",
      "a title that is longer",
      "than that",
      "● a name of many        3",
      "  many words",
    ]);
  });

  // Red when: columns are dropped from the right, or one too many.
  test("drops dispensable columns if the terminal is narrow", () => {
    expect(table(columns, rows, 29).split("\n")[0]).toBe("name         more  value");
    expect(table(columns, rows, 20).split("\n")[0]).toBe("name         value");
    expect(table(columns, rows, 5).split("\n")[0]).toBe("name         value");
  });
});
