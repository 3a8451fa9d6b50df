// Bun collects garbage on request too, under another name.
globalThis.gc = () => Bun.gc(true);
