import { WRITE } from "../pipe/operation.ts";
import type { Attempt } from "./closing.ts";

/** A call did not finish within its `timeoutMs`. Bytes already moved stay moved, and the pipe stays usable. */
export class TimeoutError extends Error {
  override readonly name = "TimeoutError";
  readonly code = "ERR_TIMEOUT";
  /** Number of bytes of the call that were accepted. */
  readonly bytesWritten: number;
  /** Number of bytes that were read. They are in the caller's array. */
  readonly bytesRead: number;

  constructor(message: string, details: { readonly bytesWritten?: number; readonly bytesRead?: number }) {
    super(message);
    this.bytesWritten = details.bytesWritten ?? 0;
    this.bytesRead = details.bytesRead ?? 0;
  }
}

/** Makes the error of a call that did not finish within `timeoutMs` milliseconds. */
export function timeoutError({ kind, length, moved }: Attempt, timeoutMs: number): TimeoutError {
  const isWrite = kind === WRITE;
  const [what, reach] = isWrite ? ["write", "were accepted"] : ["read", "were read"];
  return new TimeoutError(
    `Cannot ${what} ${length} bytes within ${timeoutMs} ms: ${moved} ${reach}`,
    isWrite ? { bytesWritten: moved } : { bytesRead: moved },
  );
}
