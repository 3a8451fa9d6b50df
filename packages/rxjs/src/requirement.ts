/**
 * Holds what a caller gave against what is asked for.
 *
 * @param role What the value was given as: `"maxBytes"`.
 * @param asked What would be right: `"an integer of at least 1"`.
 * @throws {TypeError} If it does not hold; a `RangeError` for a number.
 */
export function requireThat(holds: unknown, role: string, value: unknown, asked: string): void {
  if (holds) return;
  const Misuse = typeof value === "number" ? RangeError : TypeError;
  throw new Misuse(`Cannot use ${String(value)} as ${role}: give ${asked}`);
}

/**
 * Takes a number of bytes.
 *
 * @throws {TypeError} If it is no number.
 * @throws {RangeError} If it is no integer of at least 1.
 */
export function requireSize(role: string, value: number): void {
  requireThat(Number.isSafeInteger(value) && value > 0, role, value, "an integer of at least 1");
}
