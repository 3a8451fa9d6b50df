import type { Implementation } from "./implementation.ts";
import { implementation } from "./implementations.ts";

/** Reports show implementations in groups. */
export const GROUPS = {
  ours: "pipe512",
  same: "The same promise: bytes are copied, few are buffered",
  today: "What people use today",
  none: "For orientation: no pipe (floor), and a pipe by the book (baseline)",
} as const;

export type Group = keyof typeof GROUPS;

/** The group of an implementation. */
export function groupOf(name: string): Group {
  const { role, samePromise }: Implementation = implementation(name);
  if (role === "ours") return "ours";
  if (role !== "peer") return "none";
  return samePromise ? "same" : "today";
}
