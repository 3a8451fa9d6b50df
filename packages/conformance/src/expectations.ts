/**
 * Checks that `actual` and `expected` are the same value by `Object.is`.
 *
 * @throws {Error} If they are not. The message begins with `what`.
 */
export function expectSame(what: string, actual: unknown, expected: unknown): void {
  if (!Object.is(actual, expected)) {
    throw new Error(`${what}: expected ${shown(expected)}, got ${shown(actual)}`);
  }
}

/**
 * Checks that both lists have the same values in the same order.
 *
 * @throws {Error} If they do not. The message names the first index that differs.
 */
export function expectList(what: string, actual: ArrayLike<unknown>, expected: ArrayLike<unknown>): void {
  for (let index = 0; index < Math.max(actual.length, expected.length); index++) {
    if (index < actual.length && index < expected.length && Object.is(actual[index], expected[index]))
      continue;
    throw new Error(
      `${what}: index ${index} differs (length ${actual.length}, expected ${expected.length}): ` +
        `expected ${index < expected.length ? shown(expected[index]) : "nothing"}, ` +
        `got ${index < actual.length ? shown(actual[index]) : "nothing"}`,
    );
  }
}

/**
 * Checks that `value` is an object with these properties.
 *
 * @throws {Error} If it is not. The message names the first property that differs.
 */
export function expectProperties(
  what: string,
  value: unknown,
  properties: Readonly<Record<string, unknown>>,
): void {
  for (const [key, expected] of Object.entries(properties)) {
    expectSame(`${what}, its ${key}`, Object(value)[key], expected);
  }
}

/**
 * Checks that `value` is a `TypeError` of any realm.
 *
 * @throws {Error} If it is not.
 */
export function expectTypeError(what: string, value: unknown): void {
  if (Object(value).name !== "TypeError")
    throw new Error(`${what}: expected a TypeError, got ${shown(value)}`);
}

/**
 * Returns what `call` throws, which may be any value, including `undefined`.
 *
 * @throws {Error} If it returns.
 */
export function thrownBy(what: string, call: () => unknown): unknown {
  let value: unknown;
  try {
    value = call();
  } catch (error) {
    return error;
  }
  throw new Error(`${what}: expected it to throw, and it returned ${shown(value)}`);
}

/** A short description of `value` for a message. Never throws. */
export function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (value instanceof Error) return `${value.name}(${JSON.stringify(value.message)})`;
  if (typeof value === "object" && value !== null) return Object.prototype.toString.call(value);
  return String(value);
}
