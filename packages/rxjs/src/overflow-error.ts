/**
 * The error when a source emits faster than its reader reads and the queue between them is full. Check its `code`, not
 * `instanceof`: several copies of this package may be installed.
 */
export class OverflowError extends Error {
  override readonly name = "OverflowError";
  readonly code = "ERR_OVERFLOW";
}
