import { Observable, type Subscriber } from "rxjs";
import { fairTurn } from "./fair-turn.ts";
import { opener, type Source, type Steps } from "./source.ts";

/**
 * An Observable over the items of a source: the next one is asked for when `handle` is done with the last one. The source's
 * end is `complete`, and what fails, the source or `handle`, is `error`. Unsubscribing leaves the source at once, also
 * while it is asked.
 */
export function observe<Item, Emitted>(
  source: Source<Item> | (() => Source<Item>),
  borrow: boolean,
  handle: (subscriber: Subscriber<Emitted>, item: Item, index: number) => unknown,
): Observable<Emitted> {
  const open = opener(source, borrow);
  return new Observable((subscriber) => {
    const steps = open();
    subscriber.add(() => void leave(steps));
    void iterate(steps, subscriber, handle);
  });
}

async function iterate<Item, Emitted>(
  steps: Steps<Item>,
  subscriber: Subscriber<Emitted>,
  handle: (subscriber: Subscriber<Emitted>, item: Item, index: number) => unknown,
): Promise<void> {
  try {
    for (let index = 0; ; index += 1) {
      // Where neither side ever waits, no timer would fire. And nothing is emitted before subscribe() has returned.
      await fairTurn();
      if (subscriber.closed) return;
      const step = steps.now?.() ?? (await steps.next());
      if (step.done === true || subscriber.closed) return subscriber.complete(); // Does nothing where it is closed.
      await handle(subscriber, step.value, index);
    }
  } catch (error) {
    // Once unsubscribed, this is only the step that the leaving interrupted.
    if (!subscriber.closed) subscriber.error(error);
  }
}

/** Says that no more is wanted, which is no news where the end was reached. What comes of it reaches nobody, since nobody is left. */
async function leave(steps: Steps<unknown>): Promise<void> {
  try {
    await steps.return?.();
  } catch {}
}
