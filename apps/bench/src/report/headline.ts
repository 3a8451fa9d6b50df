import type { Comparison } from "../runner/comparison.ts";
import { isMeasured, ratioOf } from "../runner/ratio.ts";
import { type Spread, standing } from "../statistics.ts";
import { choices, transferring } from "../subjects/choices.ts";
import { titleOf } from "../subjects/implementations.ts";
import { heldBytes } from "./findings.ts";
import { factor, size } from "./format.ts";
import { type Load, noiseInWords } from "./load.ts";

/** The size of the ring. The first sentence is about chunks of this size, if they were measured. */
const CHUNK_BYTES = 512;

/**
 * A comparison in one sentence: the speed of the pipe against the streams that people use today, the bytes that either
 * holds, and the speed against the same promise. `undefined` unless the pipe and another implementation were measured.
 */
export function headline(comparison: Comparison, load: Load): string | undefined {
  const transfers = comparison.transfers.filter(isMeasured);
  const sizes = new Set(transfers.map(({ parameters }) => parameters.chunkBytes ?? 0));
  const chunkBytes = sizes.has(CHUNK_BYTES) ? CHUNK_BYTES : [...sizes][0];
  const find = (name: string) =>
    transfers.find((one) => one.implementation === name && one.parameters.chunkBytes === chunkBytes);
  const held = heldBytes(comparison);
  const first = (names: readonly string[]) => names.map(find).find((one) => one !== undefined);
  for (const { ours, same, today } of choices) {
    const [copying, rival, alike] = [find(ours), first(today), first(same)];
    const mine = find(transferring(ours)) ?? copying;
    if (mine === undefined || rival === undefined || chunkBytes === undefined) continue;
    const ratio = ratioOf(mine, rival);
    if (ratio === undefined) continue;
    const where = `On this machine, at ${size(chunkBytes)}`;
    if (standing(ratio) === "unclear") return `${where}: ${noiseInWords(load)}.`;
    const rest = [
      ...memory(held.get(ours), held.get(rival.implementation)),
      ...promise(copying && alike && ratioOf(copying, alike), alike?.implementation),
    ];
    return `${where}: ${speed(ratio)} ${titleOf(rival.implementation)}${rest.join("")}.`;
  }
  return undefined;
}

function speed(ratio: Spread): string {
  const found = standing(ratio);
  if (found === "as fast") return "as fast as";
  const factorInWords = factor(ratio.median).replace("x", " times");
  return found === "faster" ? `${factorInWords} as fast as` : `${factorInWords} as slow as`;
}

function memory(ours: number | undefined, theirs: number | undefined): string[] {
  if (ours === undefined || theirs === undefined || theirs <= ours) return [];
  const bytes = Number.isFinite(theirs) ? size(theirs) : "no limit";
  return [`, with ${ours} bytes of memory in place of ${bytes}`];
}

function promise(ratio: Spread | undefined, rival: string | undefined): string[] {
  if (ratio === undefined || rival === undefined || standing(ratio) === "unclear") return [];
  return [`; ${speed(ratio)} ${titleOf(rival)}, which promises the same`];
}
