import { fairTurn } from "@pipe512/core/adapter";
import { Observable, type Subscriber } from "rxjs";
import { opener, type Source, type Steps } from "./source.ts";

/** What is done with an item. A promise is waited for. */
type Handle<Item, Emitted> = (subscriber: Subscriber<Emitted>, item: Item, index: number) => unknown;

/** Taken at load, so that a test's fake clock cannot stop the real one. */
const { now } = Date;

/** So many bytes have the budget look at the clock at once. */
const A_LOOK = 2 ** 24;

/**
 * An Observable over the items of a source: the next one is pulled when `handle` is done with the last one, or while it works on fewer than
 * `concurrency`. The source's end is `complete`, and what fails, the source or `handle`, is `error`. Unsubscribing leaves the source at once,
 * also while it is pulled.
 */
export function observe<Item, Emitted>(
  source: Source<Item> | (() => Source<Item>),
  borrow: boolean,
  handle: Handle<Item, Emitted>,
  concurrency = 1,
): Observable<Emitted> {
  const open = opener(source, borrow);
  return new Observable((subscriber) => {
    const steps = open();
    subscriber.add(() => void leave(steps));
    void iterate(steps, subscriber, handle, concurrency);
  });
}

async function iterate<Item, Emitted>(
  steps: Steps<Item>,
  subscriber: Subscriber<Emitted>,
  handle: Handle<Item, Emitted>,
  concurrency: number,
): Promise<void> {
  const fail = (error: unknown): void => {
    // Once unsubscribed, this is only the step that the leaving interrupted.
    if (!subscriber.closed) subscriber.error(error);
  };
  /** Calls of `handle` that have not settled, where there may be several, and what resumes this loop when one has. */
  let active = 0;
  let resume = (): void => {};
  const settle = (): void => {
    active -= 1;
    resume();
  };
  const untilFewerThan = async (count: number): Promise<void> => {
    while (active >= count) {
      await new Promise<void>((resolve) => {
        resume = resolve;
      });
    }
  };
  try {
    let bytes = 0;
    for (let index = 0; ; index += 1) {
      // Where neither side ever waits, no timer would fire. And nothing is emitted before subscribe() has returned.
      await fairTurn(bytes);
      if (subscriber.closed) return;
      const step = steps.now?.() ?? (await steps.next());
      if (subscriber.closed) return;
      if (step.done === true) {
        await untilFewerThan(1);
        return subscriber.complete(); // Does nothing where it is closed.
      }
      const began = now();
      const handling = handle(subscriber, step.value, index);
      const tookMs = now() - began;
      steps.took?.(tookMs);
      bytes = tookMs > 0 ? A_LOOK : lengthOf(step.value);
      if (concurrency === 1) {
        await handling;
      } else {
        active += 1;
        Promise.resolve(handling).then(settle, fail);
        await untilFewerThan(concurrency);
      }
    }
  } catch (error) {
    fail(error);
  }
}

function lengthOf(item: unknown): number {
  return ArrayBuffer.isView(item) ? item.byteLength : 0;
}

/** Says that no more is wanted, which changes nothing where the end was reached. What comes of it reaches no one, since the subscriber is gone. */
async function leave(steps: Steps<unknown>): Promise<void> {
  try {
    await steps.return?.();
  } catch {}
}
