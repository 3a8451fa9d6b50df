// Gives Bun's function for garbage collection the name that Node's has.
globalThis.gc = () => Bun.gc(true);
