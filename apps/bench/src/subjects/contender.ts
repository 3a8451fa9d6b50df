import type { Open } from "./channel.ts";

/**
 * What a contender is in a comparison. The ratio of everybody is taken against the fastest peer: what people would use
 * instead. A baseline is no peer, a floor is what the platform costs with no pipe, a yardstick serves targets only.
 */
type Role = "ours" | "peer" | "baseline" | "floor" | "yardstick";

/**
 * Something that the pipe promises and a rival does not. `bound`: it accepts more than 512 bytes beside the chunk that is being
 * written. `copy`: it passes references on, so the writer must not reuse its array. `timers`: a fast transfer stops timers.
 */
export type Lack = "bound" | "copy" | "timers";

export interface Contender {
  /** Unique, and what it is called in options and JSON. */
  readonly name: string;
  /** What tables and charts call it, where that is not its name. Options accept it too. */
  readonly title?: string;
  readonly role: Role;
  /** Of a peer: whether it is the nearest there is to the same promise, bytes copied and little held. The others are what people use today. */
  readonly samePromise?: true;
  /** Of a peer: what it does not promise. */
  readonly lacks?: readonly Lack[];
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
