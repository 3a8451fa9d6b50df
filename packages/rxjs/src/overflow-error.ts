/**
 * A source was faster than its reader for longer than the queue between them could bear. Tell it by its `code`: two copies of
 * this package may be installed, and `instanceof` knows one of them.
 */
export class OverflowError extends Error {
  override readonly name = "OverflowError";
  readonly code = "ERR_OVERFLOW";
}
