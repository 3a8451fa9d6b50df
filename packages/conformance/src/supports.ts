/**
 * The manifest of a target: for each capability `true`, or the reason why the target does not have it. A case that is
 * skipped shows that reason. Every target must have what is not listed here.
 */
export interface Supports {
  /** At most 512 bytes lie between the ends, and a write that does not fit waits. */
  readonly hardCap: true | string;
  /** A write copies its array, which the caller may reuse once the write has resolved. */
  readonly copies: true | string;
  /** One read can return the bytes of several writes. */
  readonly spanningReads: true | string;
  /** Several writes can be pending at once. */
  readonly concurrentWrites: true | string;
  /** Several reads can be pending at once. */
  readonly concurrentReads: true | string;
  /** The ends have `tryWrite` and `tryRead`. */
  readonly tryOperations: true | string;
  /** The reader has `readChunk`. */
  readonly readChunk: true | string;
  /** `write(bytes, { transfer: true })` delivers the same memory to a waiting `readChunk`. */
  readonly transfer: true | string;
  /** `progress.bytes` counts the bytes that a call has moved. */
  readonly progress: true | string;
  /** Operations can be aborted by their `signal`. */
  readonly signal: true | string;
  /** Bytes that were accepted before `closeWithError` are still delivered. */
  readonly drainThenError: true | string;
  /** An error arrives on the other side as the same object. */
  readonly errorIdentity: true | string;
  /** `undefined`, `null`, `0`, `false` and `""` arrive as errors, unchanged. */
  readonly falsyErrors: true | string;
  /** Operations on a closed target reject with an error that has `code: "ERR_CLOSED_PIPE"`, `side` and `operation`. */
  readonly closedPipeErrors: true | string;
  /** The ends have `closed`. */
  readonly closedPromise: true | string;
  /** A pending operation rejects when the other end is garbage-collected. */
  readonly abandonment: true | string;
  /** Timers fire during a busy transfer. */
  readonly fairness: true | string;
  /** If an array is detached while its operation waits, only that operation rejects. */
  readonly detachedArrays: true | string;
  /** Arrays over shared, resizable and WebAssembly memory work like any other. */
  readonly anyMemory: true | string;
}

/** The name of a capability. */
export type Capability = keyof Supports;

/** The manifest of a target that has every capability. Spread it, and add reasons after it. */
export const everything: Supports = {
  hardCap: true,
  copies: true,
  spanningReads: true,
  concurrentWrites: true,
  concurrentReads: true,
  tryOperations: true,
  readChunk: true,
  transfer: true,
  progress: true,
  signal: true,
  drainThenError: true,
  errorIdentity: true,
  falsyErrors: true,
  closedPipeErrors: true,
  closedPromise: true,
  abandonment: true,
  fairness: true,
  detachedArrays: true,
  anyMemory: true,
};
