/**
 * A `read` over a source of whole chunks. It keeps only the rest of a chunk that did not fit the array. Reads run one
 * after the other: two concurrent reads could get the parts of one chunk in any order.
 */
export function readFrom(
  pull: () => Promise<Uint8Array | null>,
): (into: Uint8Array) => Promise<number | null> {
  let rest: Uint8Array = new Uint8Array(0);
  let before: Promise<unknown> = Promise.resolve();

  async function read(into: Uint8Array): Promise<number | null> {
    if (rest.length === 0) {
      const chunk = await pull();
      if (chunk === null) return null;
      rest = chunk;
    }
    const count = Math.min(rest.length, into.length);
    into.set(rest.subarray(0, count));
    rest = rest.subarray(count);
    return count;
  }

  return (into) => {
    const reading = before.then(
      () => read(into),
      () => read(into),
    );
    before = reading;
    return reading;
  };
}
