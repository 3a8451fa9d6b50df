import type { Comparison } from "../runner/comparison.ts";
import type { Series } from "../runner/participant.ts";
import { isMeasured, ratioOf } from "../runner/ratio.ts";
import type { CostSample } from "../scenarios/scenario.ts";
import { type Spread, standing } from "../statistics.ts";
import { type Choice, choices, transferring } from "../subjects/choices.ts";
import { implementation, titleOf } from "../subjects/implementations.ts";
import { count, listed, size } from "./format.ts";
import { lacksInWords } from "./lacks.ts";
import { type Load, noiseInWords } from "./load.ts";

/** The result of a comparison, for a choice between implementations. */
export interface Findings {
  readonly chunkSizesBytes: readonly number[];
  /** Against other implementations that copy, and buffer little. */
  readonly same: readonly Finding[];
  /** Against the streams that people use today, with references and larger buffers. */
  readonly today: readonly Finding[];
  /** Their behaviour, in sentences. */
  readonly remarks: readonly string[];
}

/** One implementation of pipe512 against another implementation. */
export interface Finding {
  readonly ours: string;
  readonly rival: string;
  /** The time of pipe512 divided by the other's, at each chunk size. */
  readonly ratios: readonly (Spread | undefined)[];
  /** The recommendation: first by promises, then by speed. */
  readonly pick: string;
}

type Group = "same" | "today";

/** Empty unless both pipe512 and another implementation were measured. */
export function findingsOf(comparison: Comparison, load: Load): Findings {
  const transfers = comparison.transfers.filter(isMeasured);
  const sizes = new Set(transfers.map(({ parameters }) => parameters.chunkBytes ?? 0));
  const chunkSizesBytes = [...sizes].toSorted((a, b) => a - b);
  const rows = (group: Group) =>
    choices.flatMap((choice) => findingOf(choice, group, transfers, chunkSizesBytes, load));
  return {
    chunkSizesBytes,
    same: rows("same"),
    today: rows("today"),
    remarks: [...heldRemark(comparison), ...timerRemark(comparison)],
  };
}

function findingOf(
  { ours, ...rivals }: Choice,
  group: Group,
  transfers: readonly Series<CostSample>[],
  chunkSizesBytes: readonly number[],
  load: Load,
): Finding[] {
  const at = (name: string, chunkBytes: number) =>
    transfers.find((one) => one.implementation === name && one.parameters.chunkBytes === chunkBytes);
  const rival = rivals[group].find((name) => chunkSizesBytes.some((bytes) => at(name, bytes)));
  if (rival === undefined) return [];
  const ratios = chunkSizesBytes.map((bytes): Spread | undefined => {
    // An implementation that passes large chunks by reference is compared with the one of pipe512 that does so too.
    const passedOn = group === "today" ? at(transferring(ours), bytes) : undefined;
    const [mine, theirs] = [passedOn ?? at(ours, bytes), at(rival, bytes)];
    return mine && theirs && ratioOf(mine, theirs);
  });
  if (ratios.every((one) => one === undefined)) return [];
  return [{ ours, rival, ratios, pick: pickOf(rival, ratios, chunkSizesBytes, load) }];
}

/** Whether every ratio of a row is within the noise. */
export function isNoise({ ratios }: Pick<Finding, "ratios">): boolean {
  return ratios.every((ratio) => ratio === undefined || standing(ratio) === "unclear");
}

/** pipe512, which promises more, unless the other one is certainly faster. If it is, the choice depends on the promises. */
function pickOf(
  rival: string,
  ratios: readonly (Spread | undefined)[],
  chunkSizesBytes: readonly number[],
  load: Load,
): string {
  if (isNoise({ ratios })) return noiseInWords(load);
  const lost = chunkSizesBytes.filter((_, index) => {
    const ratio = ratios[index];
    return ratio !== undefined && standing(ratio) === "slower";
  });
  if (lost.length === 0) return "pipe512";
  const measured = chunkSizesBytes.filter((_, index) => ratios[index] !== undefined);
  const lacks = lacksInWords(rival);
  const place = where(lost, measured);
  if (lacks === "") return `pipe512; ${titleOf(rival)} is faster${place}`;
  return `pipe512, or ${titleOf(rival)}${place} if you do not need ${lacks}`;
}

/** ` at 64 B and 512 B`, ` from 4 KiB`, ` up to 512 B`; empty if it holds at every size. */
function where(some: readonly number[], all: readonly number[]): string {
  if (some.length === all.length) return "";
  const [first, last] = [all.indexOf(some[0] as number), all.indexOf(some.at(-1) as number)];
  if (some.length > 1 && last - first === some.length - 1) {
    if (last === all.length - 1) return ` from ${size(some[0] as number)}`;
    if (first === 0) return ` up to ${size(some.at(-1) as number)}`;
  }
  return ` at ${listed(some.map(size))}`;
}

/** The maximum that each accepts while its reader stalls; infinite if its writer never stopped. */
export function heldBytes({ stalls }: Comparison): Map<string, number> {
  return new Map(
    stalls.flatMap(({ implementation: name, failure, samples }) => {
      const accepted = failure === undefined ? samples[0]?.accepted : undefined;
      if (accepted === undefined) return [];
      const bytes = accepted.map((one) => (one.bounded ? one.acceptedBytes : Number.POSITIVE_INFINITY));
      return [[name, Math.max(...bytes)] as const];
    }),
  );
}

function heldRemark(comparison: Comparison): string[] {
  const held = [...heldBytes(comparison)];
  const finite = held.filter(([, bytes]) => Number.isFinite(bytes));
  const ours = finite.filter(([name]) => name.startsWith("core"));
  const isPeer = ([name]: readonly [string, number]) => implementation(name).role === "peer";
  const peers = finite.filter(isPeer);
  const mostBytes = Math.max(...peers.map(([, bytes]) => bytes));
  const most = peers.find(([, bytes]) => bytes === mostBytes);
  if (ours.length === 0 || most === undefined) return [];
  const endless = held.filter(([, bytes]) => !Number.isFinite(bytes)).filter(isPeer);
  const [name, bytes] = most;
  const own = Math.max(...ours.map(([, one]) => one));
  const names = listed(endless.map(([one]) => titleOf(one)));
  const verb = endless.length === 1 ? "accepts" : "accept";
  const unlimited = endless.length === 0 ? "" : `; ${names} ${verb} without limit`;
  return [
    `While its reader stalls, the pipe holds ${count(own)} bytes and ${titleOf(name)} up to ${count(bytes)}${unlimited}`,
  ];
}

function timerRemark({ timers }: Comparison): string[] {
  const measured = timers.flatMap(({ implementation: name, failure, samples: [sample] }) =>
    failure === undefined && sample !== undefined ? [{ name, fires: sample.fired > 0 }] : [],
  );
  const ours = measured.filter(({ name }) => implementation(name).role === "ours");
  const peers = measured.filter(({ name }) => implementation(name).role === "peer");
  if (ours.length === 0 || peers.length === 0 || ours.some(({ fires }) => !fires)) return [];
  const fair = peers.filter(({ fires }) => fires).map(({ name }) => titleOf(name));
  const those = fair.length === 0 ? "none" : `only ${listed(fair)}`;
  return [
    `Timers fire during a fast transfer through pipe512; of the other implementations, ${those} let them fire`,
  ];
}
