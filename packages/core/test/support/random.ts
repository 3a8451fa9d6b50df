/** Random integers below a bound, reproducible from the seed. */
export function random(seed: number): (below: number) => number {
  let state = seed | 0;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** A seed for a test. It is printed so that a failure can be reproduced. */
export function newSeed(what: string): number {
  const seed = Number(process.env["SEED"] ?? Date.now() % 2 ** 31);
  console.info(`${what}: SEED=${seed}`);
  return seed;
}
