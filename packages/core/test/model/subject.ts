import type { PipeReader, PipeWriter } from "@pipe512/core";
import type { Watched } from "@pipe512/testing/promises";
import type { Ledger } from "./ledger.ts";

/** The pipe under test, and the recorded state of the test. */
export interface Subject {
  readonly reader: PipeReader;
  readonly writer: PipeWriter;
  readonly ledger: Ledger;
  /** The aborts that a schedule may trigger, in the order of the calls. */
  readonly abortable: Array<() => void>;
  /** Whether a view is lent, or may be. While it is, reads wait, and the room of its bytes is not free. */
  mayBeLent: boolean;
}

/** A signal for a call that may be aborted, and how the ledger records the abort; `undefined` for other calls. */
export function signalFor(
  { abortable }: Subject,
  wanted: boolean,
  reason: string,
  note: () => void,
): { signal?: AbortSignal } {
  if (!wanted) return {};
  const controller = new AbortController();
  abortable.push(() => {
    note();
    controller.abort(reason);
  });
  return { signal: controller.signal };
}

/** The outcome of a call that does not wait, as if it had settled. */
export function tried(attempt: () => unknown): Watched<unknown> {
  try {
    return { state: "fulfilled", value: attempt(), reason: undefined };
  } catch (reason) {
    return { state: "rejected", value: undefined, reason };
  }
}
