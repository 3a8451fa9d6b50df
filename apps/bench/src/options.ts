import { readFileSync } from "node:fs";
import { distance } from "fastest-levenshtein";
import { Command, InvalidArgumentError, Option } from "commander";
import { read } from "./command-line.ts";
import { type RuntimeName, runtimeNames } from "./runner/runtimes.ts";
import { type ShapeName, shapeNames } from "./scenarios/shapes.ts";
import { list } from "./list.ts";
import { implementations } from "./subjects/implementations.ts";
import { targets, targetsOf } from "./targets/targets.ts";
import { UsageError } from "./usage-error.ts";

export interface Options {
  /** The file as given; the default one if none was given. */
  readonly file?: string;
  readonly json?: string;
  /** The path of the HTML report of a comparison. */
  readonly html?: string;
  /** The file that an earlier comparison wrote with `--json`. */
  readonly compare?: string;
  readonly quick?: true;
  /** Print implementations and scenarios instead of measuring. */
  readonly list?: true;
  /** Check the targets on this machine instead of comparing. */
  readonly check?: true;
  /** Names of implementations; by default all that run here. */
  readonly subject?: readonly string[];
  /** Only implementations whose name contains this, in lower case. */
  readonly filter?: string;
  /** Scenarios of a comparison; the usual ones by default. */
  readonly scenario?: readonly ShapeName[];
  /** Identifiers of targets. */
  readonly only?: readonly string[];
  readonly rounds?: number;
  /** The Node that measures; by default the one that runs this program. */
  readonly node?: string;
  /** Measure in a headless Chromium instead. */
  readonly browser?: true;
  /** A runtime that `npm run test:runtimes` installs, which measures instead. */
  readonly runtime?: RuntimeName;
}

const MOST_ROUNDS = 1000;

const EXAMPLES = `
Examples:
  npm start                                   compare on the DOM type definitions of TypeScript
  npm start -- movie.mp4 --json result.json   compare on a file of yours, keep everything measured
  npm start -- --html report.html             look at it in a browser
  npm start -- --compare result.json          what has changed since, and what is noise
  npm start -- --quick                        a first impression in half a minute
  npm start -- --list                         the names that --subject and --scenario take
  npm start -- --filter stream --scenario transfer,cancel
  npm start -- --filter thread                from one thread to another
  npm start -- --filter nats                  between machines, beside a TCP socket
  npm start -- --check --only PERF-01,node    hold some targets against this machine
  npm start -- --check --node /usr/bin/node   hold all of them against another Node
  npm start -- --check --browser --only web   in Chromium
  npm start -- pick                           which pipe for me? a few questions (pick --help)
  npm start -- doctor upload.mjs              run a script and see which of its pipes hang (doctor --help)
  npm run bench:page                          one real pipe at work, in a browser

Exit codes: 0 done, 1 an implementation failed or a target was missed, 2 usage or input error, 130 interrupted`;

/** The version of this app, from its package.json. */
export const VERSION: string = (
  JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { version: string }
).version;

/**
 * Reads the command line.
 *
 * @returns The options, or the requested text instead of a run.
 * @throws {UsageError} If it is invalid.
 */
export function parseOptions(args: readonly string[]): Options | { readonly text: string } {
  const command = new Command("npm start --")
    .description(
      "Sends a real file through pipe512 and through the streams that people use today, checks every byte, and compares them.",
    )
    .argument(
      "[file]",
      "the file to send; by default the DOM type definitions of TypeScript, about 2 MB of text",
    )
    .option("--json <file>", "write all measurements to a file, which --compare reads")
    .option("--html <file>", "write the report to one HTML file with charts, which needs no network")
    .option("--compare <old.json>", "compare an earlier --json file with this run")
    .option("--quick", "fewer chunk sizes, implementations and rounds: half a minute")
    .option("--list", "print the implementations and scenarios that can be chosen, and measure nothing")
    .option("--subject <names>", "only these implementations, separated by commas", subjectNames)
    .option("--filter <text>", "only implementations whose name contains this", filter)
    .option(
      "--scenario <names>",
      `only these scenarios, separated by commas: ${shapeNames.join(", ")}`,
      scenarioNames,
    )
    .option("--check", "check the speed targets on this machine instead, all in about 25 minutes")
    .option("--only <ids>", "with --check: only these targets or packages, separated by commas", targetIds)
    .option(
      "--rounds <number>",
      "how often each is measured; by default until the ratios are precise enough",
      rounds,
    )
    .option("--node <path>", "the Node that measures; by default the one that runs this")
    .addOption(
      new Option("--runtime <name>", "measure with a runtime that npm run test:runtimes has installed")
        .choices(runtimeNames)
        .conflicts("node"),
    )
    .addOption(
      new Option(
        "--browser",
        "measure in a headless Chromium all implementations that do not need Node",
      ).conflicts(["node", "runtime"]),
    )
    .version(VERSION, "--version", "print the version")
    .addHelpText("after", EXAMPLES);
  const instead = read(command, args);
  if (instead !== undefined) return instead;
  const given = command.opts<Options>();
  if (given.list !== undefined) return { text: list() };
  if (given.check !== undefined && (given.filter ?? given.scenario) !== undefined)
    throw new UsageError(
      "--filter and --scenario choose what to compare, and --check measures its targets: use --only",
    );
  if (given.check !== undefined && given.compare !== undefined)
    throw new UsageError(
      "--compare sets comparisons side by side, and --check makes none: leave one of them out",
    );
  if (given.check !== undefined && given.html !== undefined)
    throw new UsageError("--html shows a comparison, and --check makes none: use --json");
  const options: Options = { ...command.opts<Omit<Options, "file">>(), ...fileOf(command.args) };
  if (options.only !== undefined && options.check === undefined)
    throw new UsageError("--only chooses targets: use it with --check");
  if (options.subject !== undefined && options.check !== undefined)
    throw new UsageError(
      "--subject chooses what to compare, and --check measures what its targets name: use --only",
    );
  return options;
}

function fileOf([file]: readonly string[]): { file?: string } {
  return file === undefined ? {} : { file };
}

/** Names and titles that can be chosen, each with its implementation's name. */
const choosable: ReadonlyMap<string, string> = new Map(
  implementations
    .filter(({ role }) => role !== "yardstick")
    .flatMap(({ name, title }) => [[name, name] as const, ...(title ? [[title, name] as const] : [])]),
);

function subjectNames(value: string): string[] {
  const find = (given: string) =>
    [...choosable].find(([candidate]) => typed(candidate) === typed(given))?.[1];
  const names: string[] = [];
  const parts = value.split(",");
  for (let at = 0; at < parts.length; at++) {
    const [part = "", next] = parts.slice(at);
    // A name may contain a comma: `pipeDuplex, transferred`.
    const pair = next === undefined ? undefined : find(`${part},${next}`);
    const name = pair ?? find(part);
    if (name === undefined) throw unknownName("implementation", part, [...choosable.keys()]);
    if (pair !== undefined) at += 1;
    names.push(name);
  }
  return names;
}

function scenarioNames(value: string): ShapeName[] {
  return value.split(",").map((given) => {
    const name = shapeNames.find((candidate) => candidate === given.trim().toLowerCase());
    if (name === undefined) throw unknownName("scenario", given, shapeNames);
    return name;
  });
}

function filter(value: string): string {
  const text = value.trim().toLowerCase();
  const known = [...choosable.keys()];
  if (known.some((name) => name.toLowerCase().includes(text))) return text;
  throw new InvalidArgumentError(
    `no implementation has "${value}" in its name. The nearest: ${nearest(text, known).slice(0, 3).join(", ")}; --list prints all`,
  );
}

/** A list of at most this length is printed completely. */
const FEW = 15;

function unknownName(kind: string, given: string, known: readonly string[]): InvalidArgumentError {
  const name = given.trim();
  const near = nearest(name, known);
  const names =
    known.length <= FEW
      ? `${near[0]}, of ${known.join(", ")}`
      : `${near.slice(0, 3).join(", ")}; --list prints all`;
  return new InvalidArgumentError(`there is no ${kind} "${name}". The nearest: ${names}`);
}

/** All names, the nearest first. */
function nearest(name: string, known: readonly string[]): string[] {
  return known.toSorted((a, b) => distance(typed(name), typed(a)) - distance(typed(name), typed(b)));
}

/** A name as people type it: most keyboards have no ellipsis. */
function typed(name: string): string {
  return name.toLowerCase().replace("…", "").replace(/,\s*/, ", ").trim();
}

/** The identifier of a target, or the name of a package, which means all of its targets. */
function targetIds(value: string): string[] {
  const packages = Object.keys(targetsOf) as (keyof typeof targetsOf)[];
  const known = [...new Set(targets.map(({ id }) => id))];
  return value.split(",").flatMap((given) => {
    const name = given.trim();
    const group = packages.find((candidate) => candidate === name.toLowerCase());
    if (group !== undefined) return targetsOf[group].map(({ id }) => id);
    if (known.includes(name.toUpperCase())) return [name.toUpperCase()];
    throw unknownName("target", given, [...packages, ...known]);
  });
}

function rounds(value: string): number {
  const number = Number(value);
  if (Number.isInteger(number) && number >= 1 && number <= MOST_ROUNDS) return number;
  throw new InvalidArgumentError(`rounds are a whole number from 1 to ${MOST_ROUNDS}`);
}
