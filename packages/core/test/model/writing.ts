import { PIPE_CAPACITY } from "@pipe512/core";
import { watch } from "@pipe512/testing/promises";
import { check, type FlushCall, type ReadCall, type WriteCall } from "./ledger.ts";
import type { Options } from "./schedule.ts";
import { type Subject, signalFor, tried } from "./subject.ts";
import { either, fulfils, rejectsAsClosed, rejectsWith, succeeds } from "./verdict.ts";

/** Every byte encodes its write and its position in that write. */
const bytesOf = (order: number, length: number): Uint8Array<ArrayBuffer> =>
  Uint8Array.from({ length }, (_, index) => Math.imul((order + 1) * 2048 + index, 0x9e3779b1) >>> 24);

/** How many of `size` bytes a write that is issued now can place: the minimum and the maximum. */
function room({ reader, writer, ledger, mayBeLent }: Subject, size: number): { least: number; most: number } {
  if (ledger.unfinished.length > 0) return { least: 0, most: 0 };
  const { hungry } = ledger;
  const free = PIPE_CAPACITY - (writer.bytesWritten - reader.bytesRead);
  const sum = (reads: readonly ReadCall[]): number => reads.reduce((total, { limit }) => total + limit, 0);
  const certain = hungry.every(({ progress }) => progress !== undefined);
  const least = mayBeLent ? 0 : free + (certain ? sum(hungry) : 0);
  return { least: Math.min(size, least), most: Math.min(size, free + sum(hungry)) };
}

export function write(subject: Subject, size: number, transfer: boolean, { abortable, told }: Options): void {
  const { ledger, writer } = subject;
  const bytes = bytesOf(ledger.writes.length, size);
  const progress = told ? { bytes: -1 } : undefined;
  const verdict = ledger.refusalOfWrites ?? (size === 0 ? fulfils(0) : undefined);
  const least = verdict !== undefined || transfer ? 0 : room(subject, size).least;
  const name = `write ${ledger.writes.length} of ${size}${transfer ? ", transferred" : ""}`;
  const options = signalFor(subject, abortable, "write aborted", () =>
    ledger.abortWrite(call, "write aborted"),
  );
  const watched = watch<unknown>(writer.write(bytes, { ...options, transfer, ...(told && { progress }) }));
  const call: WriteCall = { name, watched, verdict, bytes, transfer, moved: 0, progress };
  ledger.writes.push(call);
  ledger.attribute(writer.bytesWritten);
  check(call.moved >= least, () => `${name} had room for ${least} bytes and moved ${call.moved}`);
}

export function tryWrite(subject: Subject, size: number, transfer: boolean): void {
  const { ledger, writer } = subject;
  const bytes = bytesOf(ledger.writes.length, size);
  const refusal = ledger.refusalOfWrites;
  const { least, most } = room(subject, size);
  const name = `tryWrite ${ledger.writes.length} of ${size}${transfer ? ", transferred" : ""}`;
  const watched = tried(() => writer.tryWrite(bytes, { transfer }));
  if (refusal !== undefined)
    return check(refusal.holds(watched), () => `${name}: expected that it ${refusal.text}`);
  check(watched.state === "fulfilled", () => `${name} threw ${String(watched.reason)}`);
  const moved = watched.value as number;
  ledger.writes.push({ name, watched, verdict: succeeds, bytes, transfer, moved, progress: undefined });
  ledger.attribute(writer.bytesWritten);
  // A transferred array may be delivered as a whole, and need not fit the ring.
  const [from, to] = transfer ? [0, size] : [least, most];
  check(moved >= from && moved <= to, () => `${name} accepted ${moved}, expected ${from} to ${to}`);
}

export function flush(subject: Subject, abortable: boolean): void {
  const { ledger, writer } = subject;
  const { readerClosing, writerClosing } = ledger;
  // Once the reader has closed, a flush can only succeed if no byte before it was dropped.
  const failures = [
    rejectsAsClosed("writer", "any"),
    rejectsAsClosed("reader", "any"),
    rejectsWith(readerClosing?.error),
    ...(abortable ? [rejectsWith("flush aborted")] : []),
  ];
  const open = readerClosing === undefined ? undefined : either(succeeds, ...failures);
  const verdict = writerClosing?.how === "closeWithError" ? rejectsAsClosed("writer", "any") : open;
  const options = signalFor(subject, abortable, "flush aborted", () =>
    ledger.abortFlush(call, "flush aborted"),
  );
  const watched = watch<unknown>(writer.flush(options));
  const name = `flush after ${ledger.writes.length} writes`;
  const call: FlushCall = { name, watched, verdict, writes: [...ledger.writes] };
  ledger.flushes.push(call);
}
