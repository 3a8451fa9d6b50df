/** In characters. A longer string is described by its length, so that a message stays on one line. */
const LONGEST_QUOTE = 40;

/**
 * Describes any value for an error message, in one short line: `null`, `-1`, `the string "5"`, `an array`,
 * `an instance of Date`. Every package uses it, so that the same mistake gives the same message. Never throws.
 */
export function describe(value: unknown): string {
  if (typeof value === "string") {
    return value.length > LONGEST_QUOTE
      ? `a string of ${value.length} characters`
      : `the string ${JSON.stringify(value)}`;
  }
  if (typeof value === "object" && value !== null) return describeObject(value);
  if (typeof value === "symbol" || typeof value === "function") return `a ${typeof value}`;
  return typeof value === "bigint" ? `${value}n` : String(value);
}

function describeObject(value: object): string {
  try {
    if (Array.isArray(value)) return "an array";
    const { constructor } = value as { constructor?: { name?: unknown } };
    const name = typeof constructor === "function" && constructor.name;
    if (typeof name === "string" && name !== "" && name !== "Object") return `an instance of ${name}`;
  } catch {
    // A revoked proxy, or a getter that throws.
  }
  return "an object";
}
