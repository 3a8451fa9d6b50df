/** What the user asked for cannot be done, and nothing was measured. The message is the one line they see. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
