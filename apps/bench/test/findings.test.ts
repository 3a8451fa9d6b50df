import { describe, expect, test } from "vitest";
import { findingsOf } from "../src/report/findings.ts";
import type { Comparison } from "../src/runner/comparison.ts";
import type { Series } from "../src/runner/entrant.ts";
import type { CostSample } from "../src/scenarios/scenario.ts";

type Costs = Readonly<Record<number, readonly number[]>>;

/** What a contender costs at each size of chunks. */
function transfers(contender: string, costs: Costs): Series<CostSample>[] {
  return Object.entries(costs).map(([chunkBytes, rounds]) => ({
    contender,
    scenario: "transfer",
    parameters: { chunkBytes: Number(chunkBytes) },
    samples: rounds.map((cost) => ({ cost, unit: "ns/chunk", steps: 1, elapsedNs: cost })),
  }));
}

function comparison(more: Partial<Comparison>): Comparison {
  return { files: [], transfers: [], costs: [], stalls: [], timers: [], cancels: [], ...more };
}

describe("findingsOf()", () => {
  const faster = [10, 10, 10];
  const slower = [30, 30, 30];
  const theirs = { 64: [20, 20, 20], 512: [20, 20, 20], 4096: [20, 20, 20] };

  // Red when: noise is taken for a loss, or for a tie however far above it lies, or our time and theirs change places.
  test.each([
    [{ 64: faster, 512: faster, 4096: faster }, "ours"],
    [{ 64: slower, 512: slower, 4096: slower }, "PassThrough"],
    [{ 64: faster, 512: [19, 21, 22], 4096: slower }, "ours up to 512 B"],
    [{ 64: slower, 512: faster, 4096: faster }, "ours from 512 B"],
    [{ 64: faster, 512: slower, 4096: faster }, "ours but at 512 B"],
    [{ 64: slower, 512: faster, 4096: slower }, "ours at 512 B"],
    // It may be as fast in some rounds, but hardly is.
    [{ 64: [19, 60, 60], 512: slower, 4096: slower }, "PassThrough"],
  ] as const)("of %j against 20 say: %s", (ours, pick) => {
    const measured = [...transfers("core await", ours), ...transfers("PassThrough", theirs)];
    const { rows } = findingsOf(comparison({ transfers: measured }));
    expect(rows.map((row) => [row.ours, row.instead, row.pick])).toEqual([
      ["core await", "PassThrough", pick],
    ]);
  });

  // Red when: what is given away is not looked for, or is compared where it was not measured.
  test("take chunks that were given away, where they were", () => {
    const measured = [
      ...transfers("pipeDuplex", { 512: slower, 4096: slower }),
      ...transfers("pipeDuplex, given away", { 4096: faster }),
      ...transfers("PassThrough", theirs),
    ];
    const { rows } = findingsOf(comparison({ transfers: measured }));
    expect(rows.map(({ ratios, pick }) => [ratios.map((spread) => spread?.median), pick])).toEqual([
      [[undefined, 1.5, 0.5], "ours from 4 KiB"],
    ]);
  });

  // Red when: one that failed is recommended.
  test("leave out who failed, and are none where nobody can be compared", () => {
    const failed = transfers("core await", { 64: faster }).map((one) => ({ ...one, failure: "It broke" }));
    const { rows } = findingsOf(comparison({ transfers: [...failed, ...transfers("PassThrough", theirs)] }));
    expect(rows).toEqual([]);
  });

  test("say what a stalled reader leaves in the pipe", () => {
    const stall = (
      contender: string,
      acceptedBytes: number,
      bounded = true,
    ): Comparison["stalls"][number] => ({
      contender,
      scenario: "stall",
      parameters: {},
      samples: [{ accepted: [{ chunkBytes: 512, acceptedBytes, bounded }] }],
    });
    const stalls = [
      stall("core await", 512),
      stall("PassThrough", 131_072),
      stall("TransformStream", 512),
      stall("it-pushable", 9, false),
    ];
    expect(findingsOf(comparison({ stalls })).remarks).toEqual([
      "A reader that stalls leaves 512 bytes in the pipe, up to 131,072 in PassThrough, and no end of them in it-pushable",
    ]);
  });
});
