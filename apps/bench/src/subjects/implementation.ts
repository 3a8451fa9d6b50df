import type { Open } from "./channel.ts";

/**
 * The role of an implementation in a comparison. Every ratio is taken against the fastest peer, which people would use
 * instead. A baseline is not a peer. A floor is the cost of the platform without a pipe. A yardstick is only for targets.
 */
type Role = "ours" | "peer" | "baseline" | "floor" | "yardstick";

/**
 * A promise of the pipe that another implementation lacks. `bound`: it accepts more than 512 bytes beside the chunk that is being
 * written. `copy`: it passes chunks by reference, so the writer must not reuse its array. `timers`: a fast transfer stops timers.
 */
export type Lack = "bound" | "copy" | "timers";

export interface Implementation {
  /** A unique name for options and JSON. */
  readonly name: string;
  /** The title in tables and charts, if it differs from the name. Options accept it too. */
  readonly title?: string;
  readonly role: Role;
  /** For a peer: whether it is nearest to the same promise, with copied bytes and few buffered ones. The others are what people use today. */
  readonly samePromise?: true;
  /** For a peer: the promises that it lacks. */
  readonly lacks?: readonly Lack[];
  /** A description, in one line. */
  readonly about: string;
  /** Takes part also if there is little time. */
  readonly known?: true;
  /** Takes part only if it is requested by name. */
  readonly onRequest?: true;
  /** It cannot make its source wait. */
  readonly tellsNobody?: true;
  /** Each write transfers ownership of its chunk, so each chunk has its own buffer. */
  readonly givesAway?: true;
  /** It wakes another thread and carries no bytes. */
  readonly carriesNothing?: true;
  /** It uses two processors at once. */
  readonly hasThreads?: true;
  /** The requirements without which it cannot run. */
  readonly needs?: { readonly node: string; readonly flags?: readonly string[] };
  /** Loads its file in the measuring process. Without this member, the implementation is a program and not JavaScript. */
  readonly load?: () => Promise<Open>;
}
