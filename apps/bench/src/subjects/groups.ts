import type { Contender } from "./contender.ts";
import { contender } from "./contenders.ts";

/** Implementations are shown in groups, like beside like. */
export const GROUPS = {
  ours: "pipe512",
  same: "The same promise: bytes are copied, few are buffered",
  today: "What people use today",
  none: "For orientation: no pipe (floor), and a pipe by the book (baseline)",
} as const;

export type Group = keyof typeof GROUPS;

/** Which of the groups an implementation belongs to. */
export function groupOf(name: string): Group {
  const { role, samePromise }: Contender = contender(name);
  if (role === "ours") return "ours";
  if (role !== "peer") return "none";
  return samePromise ? "same" : "today";
}
