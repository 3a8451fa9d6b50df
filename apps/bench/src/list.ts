import { shapes } from "./scenarios/shapes.ts";
import type { Contender } from "./subjects/contender.ts";
import { contenders } from "./subjects/contenders.ts";
import { table } from "./report/table.ts";

const GROUPS: readonly (readonly [title: string, isIn: (one: Contender) => boolean])[] = [
  ["pipe512", ({ role }) => role === "ours"],
  [
    "The same promise: bytes are copied, little is held",
    ({ role, samePromise }) => role === "peer" && samePromise === true,
  ],
  ["What people use today", ({ role, samePromise }) => role === "peer" && samePromise === undefined],
  ["For orientation", ({ role }) => role === "baseline" || role === "floor"],
];

/** Every implementation and scenario that can be chosen by name. */
export function list(): string {
  const columns = [
    { heading: "--subject", align: "left" },
    { heading: "or by its title", align: "left" },
    { heading: "what it is", align: "left", wraps: true },
  ] as const;
  const rows = GROUPS.flatMap(([title, isIn]) => [
    title,
    ...contenders
      .filter((one) => one.role !== "yardstick" && isIn(one))
      .map(({ name, title: own, about, onRequest }) => [
        name,
        own ?? "",
        `${about}${onRequest ? " (only by name)" : ""}`,
      ]),
  ]);
  const scenarios = Object.entries(shapes).map(([name, { title, ...shape }]) => [
    name,
    `${title}${"onRequest" in shape ? " (only by name)" : ""}`,
  ]);
  const scenarioColumns = [
    { heading: "--scenario", align: "left" },
    { heading: "what it asks", align: "left", wraps: true },
  ] as const;
  const width = process.stdout.isTTY ? process.stdout.columns : Number.POSITIVE_INFINITY;
  return `${table(columns, rows, width)}\n\n${table(scenarioColumns, scenarios, width)}\n`;
}
