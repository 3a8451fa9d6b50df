import { describe, expect, test } from "vitest";
import { changedGround, differences } from "../src/report/difference.ts";
import { type Earlier, readEarlier } from "../src/report/earlier.ts";
import { FORMAT } from "../src/report/json.ts";
import type { Comparison } from "../src/runner/comparison.ts";
import type { Series } from "../src/runner/participant.ts";
import type { CostSample } from "../src/scenarios/scenario.ts";
import { UsageError } from "../src/usage-error.ts";
import { Folder } from "./support/command-line.ts";

function transfer(implementation: string, costs: readonly number[]): Series<CostSample> {
  const samples = costs.map((cost): CostSample => ({ cost, unit: "ns/chunk", steps: 1, elapsedNs: cost }));
  return { implementation, scenario: "transfer", parameters: { chunkBytes: 512 }, samples };
}

const machine = { cpu: "a CPU", cpuCount: 2, memoryBytes: 1, platform: "linux", arch: "x64", release: "6" };
const versions = { core: "0.0.0", node: "24.0.0", v8: "13", go: null };

function earlier(...transfers: Series<CostSample>[]): Earlier {
  return {
    format: FORMAT,
    kind: "comparison",
    startedAt: "2026-01-01T00:00:00.000Z",
    machine,
    versions,
    file: { name: "file", sha256: "f00" },
    series: { transfers, costs: [] },
  };
}

function comparison(...transfers: Series<CostSample>[]): Comparison {
  return { files: [], transfers, costs: [], stalls: [], timers: [], cancels: [] };
}

describe("differences()", () => {
  // Red when: only the medians are compared, or the ratio is inverted.
  test.each([
    [[90, 100, 110], [105, 110, 120], "within noise"],
    [[90, 100, 110], [111, 120, 130], "slower"],
    [[90, 100, 110], [70, 80, 89], "faster"],
  ] as const)("of %j and %j says: %s", (old, now, verdict) => {
    const [one] = differences(earlier(transfer("core await", old)), comparison(transfer("core await", now)));
    expect(one?.verdict).toBe(verdict);
    expect(one?.ratio.median).toBe(now[1] / old[1]);
  });

  // Red when: a slower machine counts as a slower pipe, or the drift is computed from the pipe's own rows.
  test("remove the drift of the machine, which other implementations show", () => {
    const ours = ["core await", "core try…", "core for await", "core views"];
    const names = [...ours, "PassThrough", "TransformStream", "memcpy"];
    const found = differences(
      earlier(...names.map((name) => transfer(name, [9, 10, 11]))),
      comparison(...names.map((name) => transfer(name, ours.includes(name) ? [29, 30, 31] : [19, 20, 21]))),
    );
    expect(found.map(({ drift, ratio, verdict }) => [drift, ratio.median, verdict])).toEqual(
      names.map((name) => (ours.includes(name) ? [2, 1.5, "slower"] : [2, 1, "within noise"])),
    );
  });

  // Red when: an implementation is compared with another one, or a failed one is compared.
  test("omit series that only one run has finished", () => {
    const failed = { ...transfer("core views", [1]), failure: "It broke" };
    const old = earlier(transfer("core await", [1]), transfer("core views", [1]));
    expect(differences(old, comparison(transfer("PassThrough", [1]), failed))).toEqual([]);
  });
});

test("changedGround() names another machine, Node and file", () => {
  const old = earlier();
  expect(changedGround(old, machine, versions, "f00")).toEqual([]);
  expect(changedGround(old, { ...machine, cpuCount: 8 }, { ...versions, node: "26.0.0" }, "ba5")).toEqual([
    "The old run was made on another machine: 2 × a CPU",
    "The old run used Node 24.0.0",
    "The old run sent another file: file",
  ]);
});

describe("readEarlier()", () => {
  const kept = earlier(transfer("core await", [1, 2, 3]));

  test("reads a file of --json", () => {
    using folder = new Folder();
    expect(readEarlier(folder.add("old.json", JSON.stringify(kept))).series.transfers).toHaveLength(1);
  });

  // Red when: a broken file is reported only after minutes of measuring, or counts as empty.
  test.each([
    ["", "it is not JSON, or is incomplete"],
    [JSON.stringify(kept).slice(0, -9), "it is not JSON, or is incomplete"],
    ["null", "it was not written by --json"],
    ['{"name":"a package"}', "it was not written by --json"],
    [
      JSON.stringify({ ...kept, format: "pipe512-bench-1" }),
      "it was kept by another version (pipe512-bench-1",
    ],
    [JSON.stringify({ ...kept, kind: "check" }), "it is a check; give the file of a comparison"],
    [
      JSON.stringify({ ...kept, series: { transfers: [{}], costs: [] } }),
      "it is broken at series.transfers.0",
    ],
    [
      JSON.stringify(earlier(transfer("core await", [-1]))),
      "it is broken at series.transfers.0.samples.0.cost",
    ],
    [JSON.stringify(earlier()), "it contains no measurement with a cost"],
  ])("rejects %s", (content, reason) => {
    using folder = new Folder();
    const path = folder.add("old.json", content);
    expect(() => readEarlier(path)).toThrow(UsageError);
    expect(() => readEarlier(path)).toThrow(`Cannot compare with ${path}: ${reason}`);
  });
});
