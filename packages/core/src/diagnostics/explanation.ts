import type { AdapterWait } from "../pipe/observer.ts";
import { FLUSH, type Operation, READ, VIEW, WRITE } from "../pipe/operation.ts";
import type { Pipe } from "../pipe/pipe.ts";
import { duration, type LeakReport, size, type WaitingOperation } from "./report.ts";

const NAMES = ["write", "flush", "read", "readChunk", "chunks", "views"] as const;

/** Describes a pending operation of `pipe`. */
export function describeWait(pipe: Pipe, operation: Operation, waitingMs: number): WaitingOperation {
  const { kind, moved } = operation;
  const bytes = kind === FLUSH ? 0 : operation.length;
  const what = call(kind, bytes);
  const explanation = `${what} has waited ${duration(waitingMs)} ${reason(pipe, operation)}`;
  return { operation: NAMES[kind] ?? "read", bytes, bytesMoved: moved, waitingMs, explanation };
}

/** Describes a pending call in an adapter. `pipe` is the pipe that it concerns, if any. */
export function describeAdapterWait(
  pipe: Pipe | undefined,
  { side, operation, waitsFor, thread }: AdapterWait,
  waitingMs: number,
): WaitingOperation {
  const where = thread === undefined ? "" : ` on ${thread}`;
  const otherSide = pipe === undefined ? "" : `; ${side === "reader" ? writerSide(pipe) : readerSide(pipe)}`;
  const explanation = `${operation} has waited ${duration(waitingMs)}${where} ${waitsFor}${otherSide}`;
  return { operation, bytes: 0, bytesMoved: 0, waitingMs, explanation };
}

/** Whether an operation waits for the other side, rather than for an earlier operation of its own side. */
export function hasItsTurn(pipe: Pipe, operation: Operation): boolean {
  const { kind } = operation;
  if (kind === FLUSH) return operation.length > 0;
  return operation === (kind === WRITE ? pipe.notFull.first : pipe.notEmpty.first);
}

/** Explains the effect of an end that was collected without `close()`. */
export function explainLoss({ pipe, ends }: Pick<LeakReport, "pipe" | "ends">): string {
  if (ends.length > 1) return "both ends were garbage-collected without close()";
  const lost = ends[0] as "reader" | "writer";
  const fate = `the ${lost} was garbage-collected without close()`;
  const [waiting] = pipe.waiting;
  if (waiting !== undefined) {
    const { operation } = waiting;
    return `${fate} while a ${operation} waited for it; the ${operation} rejected with an AbandonedPipeError`;
  }
  if (lost === "reader" && pipe.bytesInRing > 0)
    return `${fate}; ${size(pipe.bytesInRing)} were lost with it`;
  if (lost === "reader") return `${fate}: writes reject with an AbandonedPipeError`;
  return `${fate}: after ${size(pipe.bytesWritten)} reads reject with an AbandonedPipeError instead of the end`;
}

function call(kind: number, bytes: number): string {
  if (kind === WRITE) return `write of ${size(bytes)}`;
  if (kind === FLUSH) return "flush";
  if (kind === READ) return `read of up to ${size(bytes)}`;
  if (kind === VIEW) return "step of an iteration over views";
  return kind === READ + 1 ? "readChunk" : "step of an iteration over chunks";
}

/** The rest of the sentence: the reason for the wait, the state of the other side, and the most frequent mistake. */
function reason(pipe: Pipe, operation: Operation): string {
  if (!hasItsTurn(pipe, operation)) {
    return operation.kind <= FLUSH
      ? "for its turn behind another write"
      : "for its turn behind another read, or until a borrowed view is returned";
  }
  if (operation.kind > FLUSH) return `for a byte; ${writerSide(pipe)}`;
  if (operation.lent) return "for the consumer of a borrowed view to take its next step";
  const wanted =
    operation.kind === WRITE
      ? `for ${size(operation.length - operation.moved)} of room`
      : `for the reader to take ${size(operation.length - pipe.bytesRead)}`;
  return `${wanted}; ${readerSide(pipe)}`;
}

function readerSide({ bytesRead }: Pipe): string {
  if (bytesRead === 0) return "the reader has never read: are both ends used in one async function?";
  return `the reader has read ${size(bytesRead)} and reads no more: has its loop ended without close()?`;
}

function writerSide({ bytesWritten }: Pipe): string {
  if (bytesWritten === 0) return "the writer has never written: are both ends used in one async function?";
  return `the writer has written ${size(bytesWritten)} and writes no more: was close() forgotten?`;
}
