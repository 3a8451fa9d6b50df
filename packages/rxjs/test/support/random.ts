/** Random integers below a bound. The same seed gives the same integers. */
export function random(seed: number): (below: number) => number {
  let state = seed | 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    return Math.floor(((state >>> 0) / 2 ** 32) * below);
  };
}

/** A seed, taken from the variable `SEED` in Node if it is set. It is printed, so that a failure can be repeated. */
export function newSeed(what: string): number {
  const { process } = globalThis as { process?: { env: Record<string, string | undefined> } };
  const seed = Number(process?.env["SEED"] ?? Date.now() % 2 ** 31);
  console.info(`${what}: SEED=${seed}`);
  return seed;
}
