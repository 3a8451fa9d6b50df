import type { Watched } from "@pipe512/testing/promises";

/** The required outcome of a call. */
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

/** It rejects with exactly `reason`, which may be any value. */
export const rejectsWith = (reason: unknown): Verdict => ({
  text: `rejects with ${String(reason)}`,
  holds: (outcome) => outcome.state === "rejected" && Object.is(outcome.reason, reason),
});

/** It rejects with a `ClosedPipeError` of `side`, which counts `bytes` of a write. Other tests cover the count of a flush. */
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

/** A step of an iteration is done. */
export const doneStep: Verdict = {
  text: "is done",
  holds: ({ state, value }) => state === "fulfilled" && (value as { done?: boolean } | null)?.done === true,
};
