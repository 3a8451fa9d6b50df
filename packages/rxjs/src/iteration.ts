import { fairTurn } from "@pipe512/core/adapter";
import { Observable, type Subscriber } from "rxjs";
import { opener, type Source, type Steps } from "./source.ts";

/** Handles one item. If it returns a promise, the next item waits for it. */
type Handle<Item, Emitted> = (subscriber: Subscriber<Emitted>, item: Item, index: number) => unknown;

/** Saved at load, so that a fake clock in tests does not affect it. */
const { now } = Date;

/** A byte count so large that the fairness budget checks the clock at once. */
const A_LOOK = 2 ** 24;

/**
 * An Observable over the items of a source. It pulls the next item only while fewer than `concurrency` calls of
 * `handle` are running. The end of the source is emitted as `complete`, and a failure of the source or of `handle` as
 * `error`. Unsubscribing leaves the source at once, even during a pull.
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
    // After unsubscribing, the error is only that of the step that was interrupted.
    if (!subscriber.closed) subscriber.error(error);
  };
  /**
   * The number of unsettled calls of `handle` if `concurrency` is above 1, and the function that resumes this loop when
   * one settles.
   */
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
  const first = pull(steps);
  first.catch(() => {}); // Awaited below, unless it was unsubscribed before.
  try {
    let bytes = 0;
    for (let index = 0; ; index += 1) {
      // Lets timers fire even if neither side ever waits, and emits nothing before subscribe() has returned.
      await fairTurn(bytes);
      if (subscriber.closed) return;
      const step = index === 0 ? await first : (steps.now?.() ?? (await steps.next()));
      if (subscriber.closed) return;
      if (step.done === true) {
        await untilFewerThan(1);
        return subscriber.complete();
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

/**
 * Pulls an item. The first one is pulled at the subscription, before any wait, because a source may drop bytes that no consumer has
 * pulled: when a child process exits, Node discards what its `stdout` holds.
 */
async function pull<Item>(steps: Steps<Item>): Promise<IteratorResult<Item, unknown>> {
  return steps.now?.() ?? steps.next();
}

function lengthOf(item: unknown): number {
  return ArrayBuffer.isView(item) ? item.byteLength : 0;
}

/** Ends the iteration of the source; harmless if it has ended. An error is ignored, because the subscriber has left. */
async function leave(steps: Steps<unknown>): Promise<void> {
  try {
    await steps.return?.();
  } catch {}
}
