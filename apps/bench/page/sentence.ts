import type { PipeReport } from "@pipe512/core/diagnostics";
import { count } from "../src/report/format.ts";
import type { Traffic } from "./traffic.ts";

/** The observed state: the state of the pipe, and the work of its loops since the last observation. */
export interface Look {
  readonly report: Pick<PipeReport, "bytesInRing" | "waiting">;
  readonly traffic: Pick<Traffic, "pausing" | "endings">;
  /** The part of the time since the last observation in which each side waited, from 0 to 1. */
  readonly waited: { readonly writer: number; readonly reader: number };
  /** Bytes that bypassed the ring since the last observation. */
  readonly directBytes: number;
  /** Bytes that were read since the last observation. */
  readonly bytesRead: number;
}

const isWriting = ({ operation }: { operation: string }): boolean =>
  operation === "write" || operation === "flush";

/** The calls that wait, by side. */
export function waitingOf({ waiting }: Look["report"]): {
  writer?: (typeof waiting)[0];
  reader?: (typeof waiting)[0];
} {
  const writer = waiting.find(isWriting);
  const reader = waiting.find((one) => !isWriting(one));
  return { ...(writer && { writer }), ...(reader && { reader }) };
}

/** A side that waited for this part of the time is described as waiting. */
const MOSTLY = 0.4;

/** The current activity, in a sentence. */
export function sentenceOf({ report, traffic, waited, directBytes, bytesRead }: Look): string {
  const { bytesInRing } = report;
  const { pausing, endings } = traffic;
  const { writer } = waitingOf(report);
  if (endings.reader !== undefined && endings.writer !== undefined)
    return `It has ended. The writer ${endings.writer}. The reader ${endings.reader}.${lost(bytesInRing)}`;
  if (directBytes > 0 && directBytes >= bytesRead)
    return "The bytes go straight from the writer's array into the reader's: the ring is not needed.";
  if (directBytes * 2 > bytesRead)
    return "Most bytes go straight from the writer's array into the reader's, without the ring.";
  if (endings.writer !== undefined)
    return `The writer ${endings.writer}. The reader still gets the ${count(bytesInRing)} bytes in the ring.`;
  if (waited.writer >= MOSTLY) {
    if (writer === undefined || writer.bytes <= 512) return "The writer waits: the ring is full.";
    return `The writer waits: the ring is full. ${count(writer.bytesMoved)} of its ${count(writer.bytes)} bytes are accepted.`;
  }
  if (waited.reader >= MOSTLY) return "The reader waits: the ring is empty.";
  if (pausing.writer && pausing.reader)
    return `Both are busy elsewhere, and ${count(bytesInRing)} bytes wait in the ring.`;
  if (pausing.reader)
    return "The writer continues: there is room in the ring, and the reader is busy elsewhere.";
  if (pausing.writer)
    return "The reader continues: there are bytes in the ring, and the writer is busy elsewhere.";
  return "Both continue, with the ring between them.";
}

function lost(bytes: number): string {
  return bytes === 0 ? "" : ` The ${count(bytes)} bytes in the ring are lost.`;
}
