/** Makes the shared pipe, which must not be loaded yet, assume this number of processors. With one it never spins, it parks. */
export function pretend(processors: number): void {
  Object.defineProperty(globalThis, "navigator", {
    value: { hardwareConcurrency: processors, pretended: true },
    configurable: true,
  });
}

/** The number of processors that the shared pipe assumes, if it was set. */
export function pretended(): number | undefined {
  const { navigator } = globalThis as { navigator?: { hardwareConcurrency: number; pretended?: true } };
  return navigator?.pretended && navigator.hardwareConcurrency;
}
