import { from, type ObservableInput, type Observer, type Subscriber, takeWhile } from "rxjs";

/**
 * Subscribes `observer` to `source` for as long as `subscriber` is there. One that emits while it is subscribed to, so that there is
 * no subscription yet, is left at its next value.
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
