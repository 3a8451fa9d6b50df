import type { Implementation } from "./implementation.ts";
import { nodeImplementations } from "./node-implementations.ts";
import { ours } from "./ours.ts";
import { peers } from "./peers.ts";
import { rxjsImplementations } from "./rxjs-implementations.ts";
import { threadImplementations } from "./threads/implementations.ts";
import { webImplementations } from "./web-implementations.ts";

/** Ownership of smaller chunks is not worth transferring, so transferring implementations are measured with larger chunks. */
export const GIVEN_AWAY_BYTES = 4096;

/** The only implementation in Go. */
export const GO = "Go io.Pipe";

/** All implementations, one file each. To add one, write its file beside this one and its line here. */
export const implementations: readonly Implementation[] = [
  ...ours,
  ...peers,
  {
    name: GO,
    role: "peer",
    known: true,
    samePromise: true,
    lacks: [],
    about: "Go's standard library, two goroutines, no buffer, one copy",
  },
  {
    name: "textbook",
    role: "baseline",
    known: true,
    about: "a ring of 512 bytes whose lock is taken by await at every call",
    load: async () => (await import("./textbook.ts")).open,
  },
  {
    name: "bare Readable",
    role: "floor",
    about: "a Node stream whose source is pulled, no pipe",
    load: async () => (await import("./bare-readable.ts")).open,
  },
  {
    name: "bare Web stream",
    role: "floor",
    about: "a ReadableStream whose source is pulled, no pipe",
    load: async () => (await import("./bare-web-stream.ts")).open,
  },
  {
    name: "memcpy",
    role: "floor",
    known: true,
    about: "one copy a chunk, no pipe, nothing to wait for",
    load: async () => (await import("./memcpy.ts")).open,
  },
  {
    name: "promise pair",
    role: "yardstick",
    about: "a hand-off of references through two bare promises",
    load: async () => (await import("./promise-pair.ts")).open,
  },
  ...webImplementations,
  ...rxjsImplementations,
  ...nodeImplementations,
  ...threadImplementations.map((one) => ({ ...one, hasThreads: true as const })),
];

/** The title in tables and charts. */
export function titleOf(name: string): string {
  return implementation(name).title ?? name;
}

/** The implementation of that name. */
export function implementation(name: string): Implementation {
  const found = implementations.find((candidate) => candidate.name === name);
  if (found === undefined) throw new RangeError(`There is no implementation named "${name}"`);
  return found;
}
