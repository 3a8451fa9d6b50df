/** The options that both programs open their ends with. */
export const options = (lease: number): { window: number; lease: number } => ({ window: 262_144, lease });

/** Whether an error means that the pipe has ended and all of it was read. */
export function isEnded(error: unknown): boolean {
  return /has ended at \d+: all of its bytes were read/.test(String(error));
}
