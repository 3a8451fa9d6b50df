import { PIPE_CAPACITY } from "@pipe512/core";
import { type Call, check, type ReadCall, type WriteCall } from "./ledger.ts";
import type { Subject } from "./subject.ts";
import { doneStep, either, fulfils, rejectsAsClosed } from "./verdict.ts";

/** The invariants that hold at any time: every count is right, and at most 512 bytes are between the ends. */
export function checkCounts({ reader, writer, ledger }: Subject): void {
  const { bytesWritten } = writer;
  const { bytesRead } = reader;
  ledger.attribute(bytesWritten);
  check(bytesRead <= bytesWritten, () => `${bytesRead} bytes were read and ${bytesWritten} accepted`);
  check(bytesWritten - bytesRead <= PIPE_CAPACITY, () => `${bytesWritten - bytesRead} bytes are in the pipe`);
}

/** The conditions that hold once no further progress is possible: each pending call has a reason to wait, and each settled call has the right result. */
export function checkRest(subject: Subject, lent: boolean): void {
  checkCounts(subject);
  const { ledger, reader, writer } = subject;
  const { bytesRead } = reader;
  const unread = writer.bytesWritten - bytesRead;
  const ended = ledger.ended(bytesRead);
  for (const call of ledger.calls) judge(subject, call, ended, lent);
  if (lent) return; // Until the next step of views(), every call may have to wait.
  const [write] = ledger.unfinished;
  const [read] = ledger.hungry;
  if (read !== undefined) {
    check(!ended, () => `${read.name} waits after the end`);
    check(unread === 0, () => `${read.name} waits while ${unread} bytes are there`);
    check(write === undefined, () => `${read.name} and ${write?.name} wait for each other`);
  }
  // A transferred array may wait as a whole.
  if (write !== undefined && !write.transfer) {
    const rest = write.bytes.length - write.moved;
    check(
      rest > PIPE_CAPACITY - unread,
      () => `${write.name} waits with ${rest} bytes although they have room`,
    );
  }
  for (const flush of ledger.flushes) {
    if (flush.verdict !== undefined || flush.watched.state === "rejected") continue;
    const target = flush.writes.reduce((sum, { moved }) => sum + moved, 0);
    const taken = bytesRead >= target && !flush.writes.some((before) => ledger.unfinished.includes(before));
    const done = flush.watched.state === "fulfilled";
    check(
      done === taken,
      () => `${flush.name} ${done ? "is done" : "waits"} at ${bytesRead} of ${target} bytes`,
    );
  }
}

function judge({ ledger }: Subject, call: Call, ended: boolean, lent: boolean): void {
  const { name, watched, verdict } = call;
  const is = (): string => `${name} is ${watched.state} (${String(watched.value ?? watched.reason)})`;
  if (verdict !== undefined) {
    // It waits for the next step of views(), which does not apply to a read whose reader is closed.
    const mayWait = lent && !("kind" in call && ledger.readerClosing !== undefined);
    if (watched.state === "pending" && mayWait) return;
    return check(verdict.holds(watched), () => `${is()}, expected that it ${verdict.text}`);
  }
  if ("moved" in call) {
    const { bytes, moved } = call as WriteCall;
    const done = moved === bytes.length;
    if (watched.state === "pending") check(!done || lent, () => `${is()} although all of it was accepted`);
    else check(done && fulfils(moved).holds(watched), () => `${is()} after ${moved} bytes`);
  } else if ("kind" in call && watched.state !== "pending") {
    const { kind, progress, brought, limit } = call as ReadCall;
    const { length, bytes } = brought();
    // After a failure, every later step of an iteration is done.
    const end = kind === "read" ? ledger.end : either(ledger.end, doneStep);
    if (length <= 0) return check(ended && end.holds(watched), () => `${is()} before the end`);
    const given = ledger.writes.some((write) => write.transfer && write.bytes === bytes);
    check(length <= limit || given, () => `${is()} with ${length} bytes, more than ${limit}`);
    if (progress !== undefined)
      check(fulfils(progress.bytes).holds(watched), () => `${is()} after ${progress.bytes}`);
  } else if (watched.state === "rejected") {
    check(ledger.flushMayFail && rejectsAsClosed("writer", "any").holds(watched), is);
  }
}

/** The conditions at the end: no call is pending, and the bytes read are a prefix of the bytes accepted, in call order. */
export function checkOutcome({ reader, ledger }: Subject): void {
  for (const { name, watched } of ledger.calls)
    check(watched.state !== "pending", () => `${name} waits for ever`);
  const accepted = ledger.writes.flatMap(({ bytes, moved }) => [...bytes.subarray(0, moved)]);
  let position = 0;
  for (const { name, brought } of ledger.reads) {
    const { length, bytes } = brought();
    if (length <= 0) continue;
    const wrong = bytes?.findIndex((byte, index) => byte !== accepted[position + index]) ?? -1;
    check(
      wrong === -1,
      () => `${name} of ${length} bytes is wrong at byte ${position + wrong} of the stream`,
    );
    position += length;
  }
  const { bytesRead } = reader;
  check(
    position === bytesRead,
    () => `The reader counts ${bytesRead} bytes, its reads have brought ${position}`,
  );
}
