import { shapes } from "./scenarios/shapes.ts";
import { implementations } from "./subjects/implementations.ts";
import { GROUPS, groupOf } from "./subjects/groups.ts";
import { table } from "./report/table.ts";

/** The implementations and scenarios that can be chosen by name. */
export function list(): string {
  const columns = [
    { heading: "--subject, or the title", align: "left" },
    { heading: "what it is", align: "left", wraps: true },
  ] as const;
  const rows = Object.entries(GROUPS).flatMap(([group, title]) => [
    title,
    ...implementations
      .filter(({ name, role }) => role !== "yardstick" && groupOf(name) === group)
      .map(({ name, title: own, about, onRequest }) => [
        own === undefined ? name : `${name}\n  ${own}`,
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
