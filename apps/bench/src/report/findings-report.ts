import { type Spread, standing } from "../statistics.ts";
import { titleOf } from "../subjects/implementations.ts";
import { type Finding, type Findings, isNoise } from "./findings.ts";
import { compared, size, times } from "./format.ts";
import { lacksOf } from "./lacks.ts";
import { type Load, noiseInWords } from "./load.ts";
import { type Screen, wrapped } from "./screen.ts";
import { type Column, table } from "./table.ts";

export const SAME_TITLE = "Against the same promise: bytes are copied, few are buffered";
export const TODAY_TITLE = "Against what people use today: larger buffers, chunks by reference";

/** The legend of both tables. */
export const FINDINGS_LEGEND =
  "Unclear: the 95 % confidence interval lies on both sides of 1 and is wide. Against what people use today, pipe512 transfers ownership of chunks from 4 KiB on, if it can.";

/** On narrower terminals, the rival and the recommendation are below the name, in one column. */
const WIDE = 110;

/** The recommendation; empty if there is none. */
export function findingsReport(findings: Findings, load: Load, screen: Screen): string[] {
  const groups = [
    [SAME_TITLE, findings.same],
    [TODAY_TITLE, findings.today],
  ] as const;
  const tables = groups.flatMap(([title, rows]) =>
    rows.length === 0
      ? []
      : [`${screen.paint("bold", title)}\n${groupTable(rows, findings.chunkSizesBytes, load, screen)}`],
  );
  if (tables.length === 0) return [];
  const sentences = [FINDINGS_LEGEND, ...findings.remarks].map((text) => wrapped(text, screen.width));
  return [...tables, sentences.join("\n")];
}

function groupTable(
  rows: readonly Finding[],
  chunkSizesBytes: readonly number[],
  load: Load,
  screen: Screen,
): string {
  const figures = chunkSizesBytes.map((bytes): Column => ({ heading: size(bytes), align: "right" }));
  const isWide = screen.width >= WIDE;
  const naming: Column[] = isWide
    ? [
        { heading: "", align: "left" },
        { heading: "against", align: "left" },
        { heading: "which lacks", align: "left", dispensable: 1 },
      ]
    : [{ heading: "", align: "left", wraps: true }];
  const pick: Column[] = isWide ? [{ heading: "pick", align: "left", wraps: true }] : [];
  const cells = rows.map((finding) => {
    const { ours, rival, pick: picked } = finding;
    const ratios = isNoise(finding)
      ? [noiseInWords(load), ...finding.ratios.slice(1).map(() => "")]
      : finding.ratios.map((ratio) => ratioCell(ratio, screen));
    if (isWide) return [ourMark(ours), titleOf(rival), lacksOf(rival), ...ratios, picked];
    return [`${ourMark(ours)}\n  against ${titleOf(rival)}`, ...ratios];
  });
  const shown = table([...naming, ...figures, ...pick], cells, screen.width);
  if (isWide) return shown;
  // The recommendation is a sentence, which is hard to read in a narrow column.
  const picks = new Map<string, string[]>();
  for (const { ours, pick: picked } of rows) picks.set(picked, [...(picks.get(picked) ?? []), titleOf(ours)]);
  const advice = Array.from(picks, ([picked, names]) =>
    wrapped(`  ${names.join("; ")}: ${picked}`, screen.width, "    "),
  );
  return [shown, screen.paint("bold", "Pick"), ...advice].join("\n");
}

/** Rows of pipe512 are marked in every table. */
export function ourMark(name: string): string {
  return `● ${titleOf(name)}`;
}

export function ratioCell(ratio: Spread | undefined, screen: Screen): string {
  if (ratio === undefined) return "–";
  // One round does not show the noise.
  if (ratio.low === ratio.high) return times(ratio.median);
  const found = standing(ratio);
  const colour = { faster: "green", slower: "red", unclear: "yellow", "as fast": undefined } as const;
  const text = compared(ratio);
  return colour[found] === undefined ? text : screen.paint(colour[found], text);
}
