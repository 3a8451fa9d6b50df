import type { Comparison } from "../runner/comparison.ts";
import { story } from "../subjects/choices.ts";
import { implementation, titleOf } from "../subjects/implementations.ts";
import { GROUPS, groupOf } from "../subjects/groups.ts";
import type { Document, Element } from "./dom.ts";
import { dots } from "./dots.ts";
import { measured, size } from "./format.ts";
import { lines, merged } from "./lines.ts";
import type { Standings } from "./standings.ts";

/** The six that most people choose between, with chunks of one size; empty if fewer than two of them were measured. */
export function storyPicture(document: Document, all: readonly Standings[]): Element | undefined {
  const one = all.find(({ chunkBytes }) => chunkBytes === 512) ?? all[0];
  if (one === undefined) return undefined;
  const rows = one.rows.filter(({ implementation: name }) => story.includes(name));
  const picture = costPicture(
    document,
    { ...one, rows },
    `nanoseconds for a chunk of ${size(one.chunkBytes)}`,
  );
  return rows.filter(({ nsPerChunk }) => nsPerChunk !== undefined).length < 2 ? undefined : picture;
}

/** A dot for each measured implementation. */
export function costPicture(document: Document, { rows }: Standings, unit: string): Element {
  return dots(document, {
    title: `Time on a logarithmic axis, in ${unit}: the further to the left, the faster. The bar behind a dot is the 95 % confidence interval.`,
    unit,
    groups: GROUPS,
    rows: rows.flatMap(({ implementation: name, nsPerChunk, spread, rounds }) =>
      nsPerChunk === undefined
        ? []
        : [
            {
              name: titleOf(name),
              group: groupOf(name),
              cost: nsPerChunk,
              spread: rounds === 1 ? undefined : spread,
            },
          ],
    ),
  });
}

/** The bytes accepted while the reader stalls. Implementations without a limit are in the table. */
export function memoryPicture(document: Document, { stalls }: Comparison): Element | undefined {
  const all = stalls.flatMap(({ implementation: name, failure, samples }) => {
    const accepted = failure === undefined ? (samples[0]?.accepted ?? []) : [];
    const isShown = implementation(name).known === true && groupOf(name) !== "none";
    if (!isShown || accepted.some(({ bounded, acceptedBytes }) => !bounded || acceptedBytes === 0)) return [];
    const points = accepted.map(({ chunkBytes, acceptedBytes: value }) => ({ chunkBytes, value }));
    return [{ names: [titleOf(name)], group: groupOf(name), points }];
  });
  if (all.length === 0) return undefined;
  return lines(document, {
    title:
      "Bytes held while the reader stalls, over the size of a chunk; both axes are logarithmic. A stream on the writing side holds the chunk that waits, beside the 512 bytes of the ring.",
    label:
      "Bytes held while the reader stalls, over the size of a chunk: the values are in the list beside it",
    lines: merged(all),
    written: (value) => size(value),
    ticks: [64, 512, 4096, 32_768, 262_144],
  });
}

/** The cost of a chunk by its size, for the best known implementations. */
export function growthPicture(document: Document, all: readonly Standings[]): Element {
  const names = [...new Set(all.flatMap(({ rows }) => rows.map((row) => row.implementation)))];
  const known = names.filter((name) => implementation(name).known === true && groupOf(name) !== "none");
  return lines(document, {
    title: "Nanoseconds for a chunk, over its size; both axes are logarithmic. Less is better.",
    label: "Nanoseconds for a chunk over its size: the values are in the list beside it",
    lines: known.map((name) => ({
      names: [titleOf(name)],
      group: groupOf(name),
      points: all.flatMap(({ chunkBytes, rows }) => {
        const value = rows.find((row) => row.implementation === name)?.nsPerChunk;
        return value === undefined ? [] : [{ chunkBytes, value }];
      }),
    })),
    written: (value) => `${measured(value)} ns`,
  });
}
