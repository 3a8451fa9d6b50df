import { WRITE } from "../pipe/operation.ts";
import type { Attempt } from "./closing.ts";

/** A call that blocked was not done within its `timeoutMs`. What it had moved stays moved, and the pipe stays usable. */
export class TimeoutError extends Error {
  override readonly name = "TimeoutError";
  readonly code = "ERR_TIMEOUT";
  /** Bytes of the call that were accepted. */
  readonly bytesWritten: number;
  /** Bytes that were read, and are in the caller's array. */
  readonly bytesRead: number;

  constructor(message: string, details: { readonly bytesWritten?: number; readonly bytesRead?: number }) {
    super(message);
    this.bytesWritten = details.bytesWritten ?? 0;
    this.bytesRead = details.bytesRead ?? 0;
  }
}

/** What a call fails with that was given so many milliseconds. */
export function timeoutError({ kind, length, moved }: Attempt, timeoutMs: number): TimeoutError {
  const isWrite = kind === WRITE;
  const [what, reach] = isWrite ? ["write", "were accepted"] : ["read", "came"];
  return new TimeoutError(
    `Cannot ${what} ${length} bytes within ${timeoutMs} ms: ${moved} ${reach}`,
    isWrite ? { bytesWritten: moved } : { bytesRead: moved },
  );
}
