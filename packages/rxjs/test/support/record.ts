import { type Observable, Subscription } from "rxjs";

/** The notifications of a subscriber, in order. */
export interface Recording<T> {
  readonly values: T[];
  /** The end: `["complete"]`, `["error", reason]`, or empty before it. Notifications after the end follow. */
  readonly end: unknown[];
  readonly subscription: Subscription;
}

/** Subscribes to `source`, and records its notifications. */
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
