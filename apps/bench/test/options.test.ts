import { describe, expect, test } from "vitest";
import { parseOptions } from "../src/options.ts";
import { shapeNames } from "../src/scenarios/shapes.ts";
import { implementations } from "../src/subjects/implementations.ts";
import { UsageError } from "../src/usage-error.ts";

describe("parseOptions()", () => {
  test("takes a file and options in any order", () => {
    expect(parseOptions(["--quick", "movie.mp4", "--json", "out.json", "--rounds", "9"])).toEqual({
      file: "movie.mp4",
      json: "out.json",
      quick: true,
      rounds: 9,
    });
  });

  // Red when: a name must be typed with its ellipsis, or with the letter case of the table.
  test("accepts names as they are typed on a keyboard", () => {
    expect(parseOptions(["--subject", "core TRY, passthrough 512"])).toEqual({
      subject: ["core try…", "PassThrough 512"],
    });
  });

  // Red when: the title of an implementation is not accepted.
  test("also accepts the titles of implementations", () => {
    expect(parseOptions(["--subject", "await every write(), loop over chunks, transfer"])).toEqual({
      subject: ["core await", "core for await, transferred"],
    });
    expect(parseOptions(["--filter", "loop over"])).toEqual({ filter: "loop over" });
  });

  // Red when: an implementation or a scenario is missing, or one that only targets use is offered.
  test("--list names what can be chosen", () => {
    const { text } = parseOptions(["--list"]) as { text: string };
    for (const { name } of implementations.filter(({ role }) => role !== "yardstick"))
      expect(text).toContain(name);
    for (const name of shapeNames) expect(text).toMatch(new RegExp(`^${name} `, "m"));
    expect(text).not.toContain("promise pair");
  });

  // Red when: a comma always separates two names.
  test("accepts names that contain a comma", () => {
    expect(parseOptions(["--subject", "pipeDuplex,pipeduplex,transferred,core await"])).toEqual({
      subject: ["pipeDuplex", "pipeDuplex, transferred", "core await"],
    });
  });

  test("accepts targets in any case", () => {
    expect(parseOptions(["--check", "--only", "perf-01,PERF-09"])).toEqual({
      check: true,
      only: ["PERF-01", "PERF-09"],
    });
  });

  // Red when: the name of a package selects other targets, or none.
  test("accepts the name of a package for its targets", () => {
    expect(parseOptions(["--check", "--only", "Node,PERF-25"])).toEqual({
      check: true,
      only: [...Array(8).fill("PERF-20"), ...Array(6).fill("PERF-21"), "PERF-25"],
    });
  });

  test.each([
    [["a", "b"], "Too many arguments"],
    [["--rounds", "0"], "--rounds '0': rounds are a whole number from 1 to 1000"],
    [["--rounds", "1.5"], "--rounds '1.5': rounds are a whole number from 1 to 1000"],
    [["--json"], "argument missing"],
    [["--json", "--quick"], "--json must be followed by <file>; got the option --quick"],
    [["--node", "--check"], "--node must be followed by <path>; got the option --check"],
    [["--scenario", "-quick"], "--scenario must be followed by <names>; got the option -quick"],
    [["--subject", "passtrough"], 'there is no implementation "passtrough". The nearest: PassThrough, '],
    [["--scenario", "tranfer"], "The nearest: transfer, of file, transfer, "],
    [
      ["--filter", "passtrough"],
      'no implementation has "passtrough" in its name. The nearest: PassThrough, ',
    ],
    [["--check", "--scenario", "file"], "use --only"],
    [["--check", "--only", "PERF-99"], 'there is no target "PERF-99". The nearest: PERF-09'],
    [["--check", "--compare", "old.json"], "leave one of them out"],
    [["--browser", "--runtime", "bun"], "cannot be used with"],
    [["--only", "PERF-01"], "use it with --check"],
    [["--check", "--subject", "core await"], "use --only"],
  ])("rejects %j", (args, reason) => {
    expect(() => parseOptions(args)).toThrow(UsageError);
    expect(() => parseOptions(args)).toThrow(reason);
  });
});
