import { basename } from "node:path";
import { count, size } from "../report/format.ts";
import type { Screen } from "../report/screen.ts";
import { type Column, table } from "../report/table.ts";
import type { Examination } from "./examination.ts";
import { type Finding, frameOf } from "./finding.ts";
import type { DoctorOptions } from "./options.ts";

const COLUMNS: readonly Column[] = [
  { heading: "", align: "right" },
  { heading: "found", align: "left" },
  { heading: "pipe", align: "left" },
  { heading: "in the ring", align: "right" },
  { heading: "written", align: "right", dispensable: 2 },
  { heading: "read", align: "right", dispensable: 2 },
  { heading: "writer", align: "left", dispensable: 1 },
  { heading: "reader", align: "left", dispensable: 1 },
  { heading: "waits since", align: "right" },
];

/** A table of the findings, then each one in words. */
export function doctorReport(
  { script, stallAfterMs }: DoctorOptions,
  examination: Examination,
  screen: Screen,
): string {
  const { findings } = examination;
  const name = basename(script);
  const ending = `${name} ${endingOf(examination)}`;
  if (findings.length === 0) {
    const reason = "nothing waited in the end, or for longer than";
    return `${ending}\nNothing found: ${reason} ${time(stallAfterMs)}, no end was collected without close(), and no error of a pipe ended it`;
  }
  const rows = findings.map((finding, index) => row(finding, index, screen));
  const words = findings.map((finding, index) => explained(finding, index, screen));
  return [ending, "", table(COLUMNS, rows, screen.width), "", words.join("\n\n")].join("\n");
}

function endingOf({ ending, ended, pipes }: Examination): string {
  const how = ended
    ? "was ended"
    : typeof ending === "number"
      ? `ended with code ${ending}`
      : `was ended by ${ending}`;
  if (pipes === undefined) return `${how}, too suddenly to tell what waited`;
  return `${how}, having made ${pipes === 1 ? "1 pipe" : `${count(pipes)} pipes`}`;
}

function row({ kind, pipe, waitingMs, times }: Finding, index: number, screen: Screen): string[] {
  const found = times === undefined ? kind : `${kind} ×${count(times)}`;
  const paint = screen.paint(kind === "stall" ? "yellow" : "red", found);
  if (pipe === undefined) return [String(index + 1), paint, "unknown", "", "", "", "", "", ""];
  return [
    String(index + 1),
    paint,
    pipe.name ?? pipe.conversion ?? `pipe ${pipe.id}`,
    size(pipe.bytesInRing),
    size(pipe.bytesWritten),
    size(pipe.bytesRead),
    pipe.writer,
    pipe.reader,
    kind === "leak" || kind === "error" ? "" : time(waitingMs),
  ];
}

function explained(finding: Finding, index: number, screen: Screen): string {
  const { explanation, thread, times } = finding;
  const where = thread === 0 ? "made" : `made in thread ${thread}`;
  const frame = frameOf(finding);
  const words = times === undefined ? explanation : `${count(times)} times: ${explanation}`;
  const lines = [`${index + 1}  ${words}`];
  if (frame !== undefined) lines.push(screen.paint("dim", `   ${where} ${frame}`));
  return lines.join("\n");
}

function time(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${count(ms / 1000)} s`;
}
