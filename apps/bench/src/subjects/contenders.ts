import type { Open } from "./channel.ts";
import { webContenders } from "./web-contenders.ts";

/**
 * What a contender is in a comparison. The ratio of everybody is taken against the fastest peer: what people would use
 * instead. A baseline is no peer, a floor is what the platform costs with no pipe, a yardstick serves targets only.
 */
type Role = "ours" | "peer" | "baseline" | "floor" | "yardstick";

export interface Contender {
  /** Unique, and what it is called in tables, options and JSON. */
  readonly name: string;
  readonly role: Role;
  /** What it is, in a line. */
  readonly about: string;
  /** Loads its file in the process that measures it. One without is no JavaScript, and is a program of its own. */
  readonly load?: () => Promise<Open>;
}

/** The one contender that is no JavaScript. */
export const GO = "Go io.Pipe";

/** Everybody that can be measured, one file each. To add one, write its file beside this one and its line here. */
export const contenders: readonly Contender[] = [
  {
    name: "core await",
    role: "ours",
    about: "await writer.write(chunk), await reader.read(into)",
    load: async () => (await import("./core-await.ts")).open,
  },
  {
    name: "core try…",
    role: "ours",
    about: "tryWrite and tryRead, await only where they return 0",
    load: async () => (await import("./core-try.ts")).open,
  },
  {
    name: "core for await",
    role: "ours",
    about: "for await (const chunk of reader), writing on until told to wait",
    load: async () => (await import("./core-for-await.ts")).open,
  },
  {
    name: "core views",
    role: "ours",
    about: "for await (const view of reader.views()), no copy of large chunks",
    load: async () => (await import("./core-views.ts")).open,
  },
  {
    name: "PassThrough",
    role: "peer",
    about: "node:stream, default highWaterMark, chunks passed on by reference",
    load: async () => (await import("./pass-through.ts")).passThrough(),
  },
  {
    name: "PassThrough 512",
    role: "peer",
    about: "node:stream, highWaterMark 512, chunks passed on by reference",
    load: async () => (await import("./pass-through.ts")).passThrough(512),
  },
  {
    name: "TransformStream",
    role: "peer",
    about: "Web Streams, identity, chunks passed on by reference",
    load: async () => (await import("./transform-stream.ts")).open,
  },
  { name: GO, role: "peer", about: "Go's standard library, two goroutines, no buffer, one copy" },
  {
    name: "textbook",
    role: "baseline",
    about: "a ring of 512 bytes whose lock is taken by await at every call",
    load: async () => (await import("./textbook.ts")).open,
  },
  {
    name: "memcpy",
    role: "floor",
    about: "one copy a chunk, no pipe, nothing to wait for",
    load: async () => (await import("./memcpy.ts")).open,
  },
  {
    name: "promise pair",
    role: "yardstick",
    about: "a hand-off of references through two bare promises",
    load: async () => (await import("./promise-pair.ts")).open,
  },
  ...webContenders,
];

/** The contender of that name. */
export function contender(name: string): Contender {
  const found = contenders.find((candidate) => candidate.name === name);
  if (found === undefined) throw new RangeError(`There is no contender named "${name}"`);
  return found;
}
