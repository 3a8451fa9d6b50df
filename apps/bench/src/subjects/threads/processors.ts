/** Has the shared pipe, which must not be loaded yet, believe in so many processors: with one it never looks, it sleeps. */
export function pretend(processors: number): void {
  Object.defineProperty(globalThis, "navigator", {
    value: { hardwareConcurrency: processors, pretended: true },
    configurable: true,
  });
}

/** What the shared pipe was made to believe in, if anything. */
export function pretended(): number | undefined {
  const { navigator } = globalThis as { navigator?: { hardwareConcurrency: number; pretended?: true } };
  return navigator?.pretended && navigator.hardwareConcurrency;
}
