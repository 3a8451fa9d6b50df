import type { Open } from "./channel.ts";

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
  /** Takes part also where there is little time. */
  readonly known?: true;
  /** Takes part only where it is asked for by name. */
  readonly onRequest?: true;
  /** It cannot tell its source to wait. */
  readonly tellsNobody?: true;
  /** Each chunk is given away as it is written, and so has a buffer of its own. */
  readonly givesAway?: true;
  /** It wakes another thread and carries no bytes. */
  readonly carriesNothing?: true;
  /** Takes two processors at once. */
  readonly hasThreads?: true;
  /** What it cannot run without. */
  readonly needs?: { readonly node: string; readonly flags?: readonly string[] };
  /** Loads its file in the process that measures it. One without is no JavaScript, and is a program of its own. */
  readonly load?: () => Promise<Open>;
}
