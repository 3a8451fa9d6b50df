/** The user's request is impossible, and nothing was measured. The message is the only line that is printed. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
