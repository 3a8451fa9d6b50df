import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { contender, contenders, titleOf } from "../subjects/contenders.ts";
import { GROUPS, groupOf } from "../subjects/groups.ts";
import { median } from "../statistics.ts";
import { type Earlier, readEarlier } from "./earlier.ts";
import { measured, size } from "./format.ts";
import { lacksOf } from "./lacks.ts";

export const README: string = fileURLToPath(new URL("../../../../README.md", import.meta.url));
const RESULTS = fileURLToPath(new URL("../../results/comparison.json", import.meta.url));

const BEGIN = "<!-- performance table: begin -->";
const END = "<!-- performance table: end -->";

/** What the README shows: the pipe, what promises the same, and what is best known. */
const SHOWN = [
  "core await",
  "core try…",
  "core for await",
  "core for await, given away",
  "core views",
  "pipeDuplex",
  "copying Transform",
  "PassThrough",
  "PassThrough 512",
  "TransformStream",
  "it-queueless-pushable",
  "Go io.Pipe",
];

/** The comparison that is kept in the repository. */
export function keptComparison(): Earlier {
  return readEarlier(RESULTS);
}

/** The section of the README between its markers, from a comparison alone. */
export function performanceTable({ machine, versions, series, startedAt }: Earlier): string {
  const transfers = series.transfers.filter(({ samples }) => samples.length > 0);
  const sizes = [...new Set(transfers.map(({ parameters }) => parameters.chunkBytes ?? 0))];
  const cell = (name: string, chunkBytes: number) => {
    const found = transfers.find((one) => one.contender === name && one.parameters.chunkBytes === chunkBytes);
    return found === undefined ? "–" : measured(median(found.samples.map(({ cost }) => cost)));
  };
  const measuredOnes = new Set(transfers.map((one) => one.contender));
  const names = contenders
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
        return `| ${titleOf(name)}: ${contender(name).about} | ${cells} | ${lacksOf(name)} |`;
      }),
    ];
  });
  return [
    `Nanoseconds for a chunk, medians, on ${machine.cpuCount} × ${machine.cpu} with Node ${versions.node}, ${startedAt.slice(0, 10)}. Machines differ: \`npm start\``,
    "measures yours, with confidence intervals. `npm run bench:readme` writes this table from [a kept run](apps/bench/results).",
    "",
    `| | ${sizes.map(size).join(" | ")} | lacks |`,
    `|---|${sizes.map(() => "--:").join("|")}|---|`,
    ...rows,
    "",
    "PassThrough and TransformStream pass references on, so large chunks cost them no copy; views copy none either. A rival lacks the `bound` if it accepts more than",
    "512 bytes beside the chunk that is being written, the `copy` if the writer must not reuse its array, and `timers` if a fast transfer stops them.",
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
