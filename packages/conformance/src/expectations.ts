/**
 * Checks that `actual` is `expected`, as `Object.is` sees it.
 *
 * @throws {Error} If it is not: `what` begins the message.
 */
export function expectSame(what: string, actual: unknown, expected: unknown): void {
  if (!Object.is(actual, expected)) {
    throw new Error(`${what}: expected ${shown(expected)}, got ${shown(actual)}`);
  }
}

/**
 * Checks that both have the same values in the same order.
 *
 * @throws {Error} If they have not. The message names the first place that is wrong.
 */
export function expectList(what: string, actual: ArrayLike<unknown>, expected: ArrayLike<unknown>): void {
  for (let index = 0; index < Math.max(actual.length, expected.length); index++) {
    if (index < actual.length && index < expected.length && Object.is(actual[index], expected[index]))
      continue;
    throw new Error(
      `${what}: place ${index} is wrong (${actual.length} came, ${expected.length} were expected): ` +
        `expected ${index < expected.length ? shown(expected[index]) : "nothing"}, ` +
        `got ${index < actual.length ? shown(actual[index]) : "nothing"}`,
    );
  }
}

/**
 * Checks that `value` is an object with these properties.
 *
 * @throws {Error} If it is not. The message names the first property that is wrong.
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
 * Checks that `value` is an error of this name, of whatever realm.
 *
 * @throws {Error} If it is not.
 */
export function expectTypeError(what: string, value: unknown): void {
  if (Object(value).name !== "TypeError")
    throw new Error(`${what}: expected a TypeError, got ${shown(value)}`);
}

/**
 * What `call` throws, which may be any value, `undefined` too.
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
  throw new Error(`${what}: expected a throw, and it returned ${shown(value)}`);
}

/** `value` for a message: short, and never a throw. */
export function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (value instanceof Error) return `${value.name}(${JSON.stringify(value.message)})`;
  if (typeof value === "object" && value !== null) return Object.prototype.toString.call(value);
  return String(value);
}
