import { type Observable, Subscription } from "rxjs";

/** What a subscriber was told, in order. */
export interface Recording<T> {
  readonly values: T[];
  /** How it ended: `["complete"]`, `["error", reason]`, or nothing so far. What came after the end follows. */
  readonly end: unknown[];
  readonly subscription: Subscription;
}

/** Subscribes to `source`, and writes down what comes of it. */
export function record<T>(source: Observable<T>): Recording<T> {
  const values: T[] = [];
  const end: unknown[] = [];
  const subscription = new Subscription();
  subscription.add(
    source.subscribe({
      next: (value) => {
        if (end.length > 0) end.push("next");
        values.push(value);
      },
      error: (reason: unknown) => end.push("error", reason),
      complete: () => end.push("complete"),
    }),
  );
  return { values, end, subscription };
}
