import { describe, expect, test } from "vitest";
import { findingsOf } from "../src/report/findings.ts";
import { headline } from "../src/report/headline.ts";
import { comparison, QUIET, stall, transfers } from "./support/comparisons.ts";

const faster = [10, 10, 10];
const slower = [30, 30, 30];
const theirs = { 64: [20, 20, 20], 512: [20, 20, 20], 4096: [20, 20, 20] };
const NEEDLESS = "if you do not need the 512-byte bound, copies and timers";

describe("findingsOf()", () => {
  // Red when: noise counts as a loss, the two times are exchanged, or only the speed is considered.
  test.each([
    [{ 64: faster, 512: faster, 4096: faster }, "pipe512"],
    [{ 64: slower, 512: slower, 4096: slower }, `pipe512, or PassThrough ${NEEDLESS}`],
    [{ 64: faster, 512: [19, 21, 22], 4096: slower }, `pipe512, or PassThrough at 4 KiB ${NEEDLESS}`],
    [{ 64: slower, 512: slower, 4096: faster }, `pipe512, or PassThrough up to 512 B ${NEEDLESS}`],
    [{ 64: faster, 512: slower, 4096: slower }, `pipe512, or PassThrough from 512 B ${NEEDLESS}`],
    [{ 64: slower, 512: faster, 4096: slower }, `pipe512, or PassThrough at 64 B and 4 KiB ${NEEDLESS}`],
  ] as const)("of %j against 20 say: %s", (ours, pick) => {
    const measured = [...transfers("core await", ours), ...transfers("PassThrough", theirs)];
    const { today } = findingsOf(comparison({ transfers: measured }), QUIET);
    expect(today.map((row) => [row.ours, row.rival, row.pick])).toEqual([
      ["core await", "PassThrough", pick],
    ]);
  });

  // Red when: a choice is recommended although every interval contains 1, or the load is missing.
  test("say that a row is noise, with the load, if every ratio is unclear", () => {
    const noise = [5, 20, 60];
    const measured = [
      ...transfers("core await", { 64: noise, 512: noise }),
      ...transfers("PassThrough", { 64: [20, 20, 20], 512: [20, 20, 20] }),
    ];
    const { today } = findingsOf(comparison({ transfers: measured }), { before: 4.4, after: 2 });
    expect(today[0]?.pick).toBe("too noisy to tell (load 4.4)");
  });

  // Red when: arrays that are transferred are compared with copies.
  test("compare copies with copies, and references with transferred chunks", () => {
    const measured = [
      ...transfers("pipeDuplex", { 512: slower, 4096: slower }),
      ...transfers("pipeDuplex, transferred", { 4096: faster }),
      ...transfers("copying Transform", theirs),
      ...transfers("PassThrough", theirs),
    ];
    const { same, today } = findingsOf(comparison({ transfers: measured }), QUIET);
    const medians = ({ ratios }: (typeof same)[0]) => ratios.map((spread) => spread?.median);
    expect([same, today].map((rows) => rows.map((row) => [row.rival, ...medians(row)]))).toEqual([
      [["copying Transform", undefined, 1.5, 1.5]],
      [["PassThrough", undefined, 1.5, 0.5]],
    ]);
  });

  // Red when: a failed implementation is recommended.
  test("omit a failed implementation, and are empty if nothing can be compared", () => {
    const failed = transfers("core await", { 64: faster }).map((one) => ({ ...one, failure: "It broke" }));
    const measured = comparison({ transfers: [...failed, ...transfers("PassThrough", theirs)] });
    expect(findingsOf(measured, QUIET)).toMatchObject({ same: [], today: [] });
  });

  test("say how many bytes are held while a reader stalls", () => {
    const stalls = [
      stall("core await", 512),
      stall("PassThrough", 131_072),
      stall("TransformStream", 512),
      stall("it-pushable", 9, false),
    ];
    expect(findingsOf(comparison({ stalls }), QUIET).remarks).toEqual([
      "While its reader stalls, the pipe holds 512 bytes and PassThrough up to 131,072; it-pushable accepts without limit",
    ]);
  });
});

describe("headline()", () => {
  const stalls = [stall("core await", 512), stall("PassThrough", 131_072)];
  const measured = (ours: readonly number[]) =>
    comparison({
      transfers: [
        ...transfers("core await", { 64: slower, 512: ours }),
        ...transfers("PassThrough", { 64: faster, 512: [60, 60, 60] }),
        ...transfers("Go io.Pipe", { 512: [15, 15, 15] }),
      ],
      stalls,
    });

  // Red when: another size is used although 512 B were measured; or the memory, or the implementation with the same guarantee, is missing.
  test("compares speed and memory with what people use today, and speed with the same promise", () => {
    expect(headline(measured([10, 10, 10]), QUIET)).toBe(
      "On this machine, at 512 B: 6.0 times as fast as PassThrough, with 512 bytes of memory in place of 128 KiB; 1.5 times as fast as Go io.Pipe, which promises the same.",
    );
  });

  // Red when: a loss is reported as a gain, or is not reported.
  test("reports a loss", () => {
    expect(headline(measured([120, 120, 120]), QUIET)).toContain("2.0 times as slow as PassThrough, with");
  });

  // Red when: a difference within noise is reported as a number.
  test("reports noise, with the load", () => {
    expect(headline(measured([20, 60, 180]), { before: 1, after: 6.5 })).toBe(
      "On this machine, at 512 B: too noisy to tell (load 6.5).",
    );
  });

  test("is missing unless the pipe and another implementation were measured", () => {
    expect(headline(comparison({ transfers: transfers("core await", theirs) }), QUIET)).toBeUndefined();
  });
});
