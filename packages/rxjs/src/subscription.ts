import { from, type ObservableInput, type Observer, type Subscriber, takeWhile } from "rxjs";

/**
 * Subscribes `observer` to `source` until `subscriber` is closed. A source that emits during `subscribe()` cannot be
 * unsubscribed yet; `takeWhile` ends it at its next value.
 */
export function subscribeFor<T>(
  subscriber: Subscriber<unknown>,
  source: ObservableInput<T>,
  observer: Observer<T>,
): void {
  subscriber.add(
    from(source)
      .pipe(takeWhile(() => !subscriber.closed))
      .subscribe(observer),
  );
}
