/** What both programs open their ends with. */
export const options = { window: 262_144, lease: 3000 };

/** Whether a pipe cannot be opened since all of it was read. */
export function isEnded(error: unknown): boolean {
  return /has ended at \d+: all of its bytes were read/.test(String(error));
}
