import { size } from "../report/format.ts";
import type { Limit, Target } from "./target.ts";

const KIB = 1024;
const MIB = 1024 * KIB;
const SIZES = [16, 512, 4 * KIB, 64 * KIB];

/** The targets of `@pipe512/web`, PERF-22 to PERF-24, in that order. */
export const webTargets: readonly Target[] = [
  ...SIZES.flatMap((chunkBytes) => {
    const atMost = { default: 1, 26: 1.2, chromium: 1.2 };
    const given = chunkBytes >= 4 * KIB ? ", transferred" : "";
    const copying = given === "" ? "copying TransformStream" : undefined;
    return [
      target("PERF-22", `pipeStream${given}`, "TransformStream", chunkBytes, atMost, copying),
      target(
        "PERF-22",
        `through pipeStream${given}`,
        "through TransformStream",
        chunkBytes,
        atMost,
        copying && `through ${copying}`,
      ),
    ];
  }),
  ...SIZES.flatMap((chunkBytes) => [
    target("PERF-23", "toReadableStream", "bare ReadableStream", chunkBytes, { default: 1.2 }),
    target("PERF-23", "toReadableStream, bytes", "bare byte stream", chunkBytes, { default: 1.2 }),
  ]),
  target(
    "PERF-24",
    "toReadableStream, BYOB",
    "bare byte stream, BYOB",
    64 * KIB,
    { default: 0.3 },
    "filled byte stream, BYOB",
  ),
];

function target(
  id: string,
  implementation: string,
  against: string,
  chunkBytes: number,
  atMost: Limit,
  floor?: string,
): Target {
  const parameters = {
    chunkBytes,
    poolBytes: Math.max(chunkBytes, Math.min(256 * chunkBytes, 4 * MIB)),
    transfer: implementation.endsWith("transferred"),
  };
  return {
    id,
    work: `${size(chunkBytes)}, ${implementation}`,
    against,
    of: [{ implementation, scenario: "transfer", parameters }],
    over: [{ implementation: against, scenario: "transfer", parameters }],
    atMost,
    ...(floor !== undefined && {
      floor: [{ implementation: floor, scenario: "transfer" as const, parameters }],
    }),
  };
}
