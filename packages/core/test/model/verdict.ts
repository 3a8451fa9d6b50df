import type { Watched } from "@pipe512/testing/promises";

/** How a call has to end. */
export interface Verdict {
  readonly text: string;
  readonly holds: (outcome: Watched<unknown>) => boolean;
}

export const fulfils = (value: unknown): Verdict => ({
  text: `fulfils with ${String(value)}`,
  holds: (outcome) => outcome.state === "fulfilled" && Object.is(outcome.value, value),
});

export const succeeds: Verdict = { text: "succeeds", holds: ({ state }) => state === "fulfilled" };

export const settles: Verdict = { text: "settles", holds: ({ state }) => state !== "pending" };

/** It rejects with `reason` itself, which may be any value. */
export const rejectsWith = (reason: unknown): Verdict => ({
  text: `rejects with ${String(reason)}`,
  holds: (outcome) => outcome.state === "rejected" && Object.is(outcome.reason, reason),
});

/** It rejects with a `ClosedPipeError` of `side`, which counts `bytes` of a write. What it counts of a flush is tested elsewhere. */
export const rejectsAsClosed = (side: "reader" | "writer", bytes: number | "any" = 0): Verdict => ({
  text: `rejects because the ${side} closed after ${bytes} bytes`,
  holds: ({ state, reason }) => {
    const { code, side: closed, bytesWritten } = (reason ?? {}) as Record<string, unknown>;
    return (
      state === "rejected" &&
      code === "ERR_CLOSED_PIPE" &&
      closed === side &&
      (bytes === "any" || bytesWritten === bytes)
    );
  },
});

export const either = (...verdicts: readonly Verdict[]): Verdict => ({
  text: verdicts.map(({ text }) => text).join(" or "),
  holds: (outcome) => verdicts.some(({ holds }) => holds(outcome)),
});

/** A step of an iteration brings nothing more. */
export const doneStep: Verdict = {
  text: "is done",
  holds: ({ state, value }) => state === "fulfilled" && (value as { done?: boolean } | null)?.done === true,
};
