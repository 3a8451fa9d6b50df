import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { implementation, implementations, titleOf } from "../subjects/implementations.ts";
import { GROUPS, groupOf } from "../subjects/groups.ts";
import { median } from "../statistics.ts";
import { type Earlier, readEarlier } from "./earlier.ts";
import { measured, size } from "./format.ts";
import { lacksOf } from "./lacks.ts";

export const README: string = fileURLToPath(new URL("../../../../README.md", import.meta.url));
const RESULTS = fileURLToPath(new URL("../../results/comparison.json", import.meta.url));

const BEGIN = "<!-- performance table: begin -->";
const END = "<!-- performance table: end -->";

/** The implementations in the README: the pipe, those that promise the same, and the best known others. */
const SHOWN = [
  "core await",
  "core try…",
  "core for await",
  "core for await, transferred",
  "core views",
  "pipeDuplex",
  "copying Transform",
  "PassThrough",
  "PassThrough 512",
  "TransformStream",
  "it-queueless-pushable",
  "Go io.Pipe",
];

/** The comparison that the repository keeps. */
export function keptComparison(): Earlier {
  return readEarlier(RESULTS);
}

/** The section of the README between its markers, from a comparison alone. */
export function performanceTable({ machine, versions, series, startedAt }: Earlier): string {
  const transfers = series.transfers.filter(({ samples }) => samples.length > 0);
  const sizes = [...new Set(transfers.map(({ parameters }) => parameters.chunkBytes ?? 0))];
  const cell = (name: string, chunkBytes: number) => {
    const found = transfers.find(
      (one) => one.implementation === name && one.parameters.chunkBytes === chunkBytes,
    );
    return found === undefined ? "–" : measured(median(found.samples.map(({ cost }) => cost)));
  };
  const measuredOnes = new Set(transfers.map((one) => one.implementation));
  const names = implementations
    .map(({ name }) => name)
    .filter((name) => SHOWN.includes(name) && measuredOnes.has(name));
  const rows = Object.entries(GROUPS).flatMap(([group, heading]) => {
    const members = names.filter((name) => groupOf(name) === group);
    if (members.length === 0) return [];
    const title = `| **${heading}** | ${sizes.map(() => "").join(" | ")} | |`;
    return [
      title,
      ...members.map((name) => {
        const cells = sizes.map((bytes) => cell(name, bytes)).join(" | ");
        return `| ${titleOf(name)}: ${implementation(name).about} | ${cells} | ${lacksOf(name)} |`;
      }),
    ];
  });
  return [
    `Median nanoseconds for one chunk, measured on ${machine.cpuCount} × ${machine.cpu} with Node ${versions.node} on ${startedAt.slice(0, 10)}. \`npm start\` measures your machine,`,
    "with confidence intervals. `npm run bench:readme` writes this table from [a kept run](apps/bench/results).",
    "",
    `| | ${sizes.map(size).join(" | ")} | lacks |`,
    `|---|${sizes.map(() => "--:").join("|")}|---|`,
    ...rows,
    "",
    "PassThrough and TransformStream pass chunks by reference, so they do not copy large chunks. Views do not copy them either. The last column lists what is missing:",
    "`bound`: it accepts more than 512 bytes beside the chunk that is being written. `copy`: the writer must not reuse its array. `timers`: a fast transfer stops timers.",
  ].join("\n");
}

/** The README as it is. */
export function readme(): string {
  return readFileSync(README, "utf8");
}

/** A text with `section` between the markers. */
export function withPerformance(text: string, section: string): string {
  const [from, to] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (from < 0 || to < from) throw new Error(`Cannot place the table: the README has no ${BEGIN} … ${END}`);
  return `${text.slice(0, from)}${BEGIN}\n\n${section}\n\n${text.slice(to)}`;
}
