import { size } from "../report/format.ts";
import type { Parameters } from "../scenarios/scenario.ts";
import type { Target } from "./target.ts";

const KIB = 1024;
const MIB = 1024 * KIB;
const SIZES: readonly number[] = [16, 512, 4 * KIB, 64 * KIB];

/** The cost of any Duplex. */
const BARE = "through bare Duplex";

/** The targets of the Node adapter, PERF-20 and PERF-21. */
export const nodeTargets: readonly Target[] = [
  ...SIZES.map((chunkBytes) =>
    against("PERF-20", "through pipeDuplex", "through copying Transform", chunkBytes, 1, false, BARE),
  ),
  ...SIZES.map((chunkBytes) =>
    against("PERF-20", "through pipeDuplex", "through PassThrough", chunkBytes, 1, true, BARE),
  ),
  against("PERF-21", "toReadable, writing on", "PassThrough 512", 16, 0.8, false),
  against("PERF-21", "toReadable, writing on", "PassThrough 512", 512, 0.8, false),
  against("PERF-21", "toReadable, writing on", "copying Transform", 4 * KIB, 0.8, false),
  against("PERF-21", "toReadable, writing on", "copying Transform", 64 * KIB, 0.8, false),
  against("PERF-21", "toReadable, writing on", "PassThrough 512", 4 * KIB, 1, true),
  against("PERF-21", "toReadable, writing on", "PassThrough 512", 64 * KIB, 1, true),
];

function against(
  id: string,
  implementation: string,
  peer: string,
  chunkBytes: number,
  atMost: number,
  transfer: boolean,
  floor?: string,
): Target {
  const poolBytes = Math.max(chunkBytes, Math.min(256 * chunkBytes, 4 * MIB));
  const parameters: Parameters = { chunkBytes, poolBytes, ...(transfer && { transfer }) };
  return {
    id,
    work: `${size(chunkBytes)}${transfer ? " transferred" : ""}, ${implementation}`,
    against: peer,
    of: [{ implementation, scenario: "transfer", parameters }],
    over: [{ implementation: peer, scenario: "transfer", parameters }],
    atMost: { default: atMost },
    ...(floor !== undefined && {
      floor: [{ implementation: floor, scenario: "transfer" as const, parameters }],
    }),
  };
}
