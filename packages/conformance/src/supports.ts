/**
 * What a target says of itself, capability by capability: `true`, or the reason why not, which each case that is
 * skipped for it shows. What is not listed here, every target has to do.
 */
export interface Supports {
  /** At most 512 bytes lie between the ends, and a write that does not fit waits. */
  readonly hardCap: true | string;
  /** A write copies: once it has resolved, its array may be reused. */
  readonly copies: true | string;
  /** One read takes what several writes have left. */
  readonly spanningReads: true | string;
  /** Several writes may wait at once. */
  readonly concurrentWrites: true | string;
  /** Several reads may wait at once. */
  readonly concurrentReads: true | string;
  /** The ends have `tryWrite` and `tryRead`. */
  readonly tryOperations: true | string;
  /** The reader has `readChunk`. */
  readonly readChunk: true | string;
  /** `write(bytes, { transfer: true })` hands the very array to a `readChunk` that waits. */
  readonly transfer: true | string;
  /** `progress.bytes` says what a call has moved. */
  readonly progress: true | string;
  /** Operations look at their `signal`. */
  readonly signal: true | string;
  /** What was accepted before `closeWithError` is still delivered. */
  readonly drainThenError: true | string;
  /** An error arrives on the other side as the same object. */
  readonly errorIdentity: true | string;
  /** `undefined`, `null`, `0`, `false` and `""` arrive as the errors they were given as. */
  readonly falsyErrors: true | string;
  /** Operations on a closed target reject with an error that has `code: "ERR_CLOSED_PIPE"` and says what happened. */
  readonly closedPipeErrors: true | string;
  /** The ends have `closed`. */
  readonly closedPromise: true | string;
  /** An end that waits is told when the other end was garbage-collected. */
  readonly abandonment: true | string;
  /** A busy transfer lets timers fire. */
  readonly fairness: true | string;
  /** An array that is detached while its operation waits fails that operation, and no other. */
  readonly detachedArrays: true | string;
  /** Arrays over shared, resizable and WebAssembly memory are as good as any. */
  readonly anyMemory: true | string;
}

/** The name of something that a target may lack. */
export type Capability = keyof Supports;

/** The manifest of a target that lacks nothing. Spread it, and put the reasons after it. */
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
