import type { Side } from "../errors.ts";
import type { Failure } from "../pipe/operation.ts";
import { writeError } from "./error-record.ts";
import { LOST, READER_CLOSED, READER_MUTEX, READER_SHIFT, WRITER_CLOSED, WRITER_MUTEX } from "./layout.ts";
import { breakLock } from "./lock.ts";
import { close } from "./protocol.ts";

/** Fails a side whose thread has died. If the side was closed before, that close stays in effect. */
export function lose(words: Int32Array, side: Side, error: Failure | undefined): void {
  const isWriter = side === "writer";
  if (error !== undefined) writeError(words, side, error.reason);
  close(words, isWriter ? LOST : LOST << READER_SHIFT, isWriter ? WRITER_CLOSED : READER_CLOSED);
  breakLock(words, isWriter ? WRITER_MUTEX : READER_MUTEX);
}
