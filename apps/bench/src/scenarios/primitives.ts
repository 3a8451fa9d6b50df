import type { Channel } from "../subjects/channel.ts";

/** A channel that a scenario writes and reads step by step. */
export type Primitives = Pick<Required<Channel>, "write" | "read" | "end">;

/** Throws if the implementation does not support single steps. */
export function primitives(channel: Channel): Primitives {
  if (channel.write === undefined || channel.read === undefined || channel.end === undefined)
    throw new Error("It takes no part: it cannot be written and read in single steps");
  return channel as Primitives;
}
