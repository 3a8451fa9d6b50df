/** A waiting call: an element of a linked queue. It is in at most one queue. */
export abstract class Waiter {
  /** The queue that contains it now. Set and cleared by {@link Waiters} only. */
  queue: Waiters | undefined = undefined;
  /** The neighbours in that queue. Changed by {@link Waiters} only. */
  previous: Waiter | undefined = undefined;
  next: Waiter | undefined = undefined;

  /** Continues the call. It must not throw, because the error would reach the unrelated caller that woke it. */
  abstract resume(): void;
}

/** A first-in, first-out queue of waiters. All of its operations take constant time. */
export class Waiters<W extends Waiter = Waiter> {
  /** The waiter that has waited longest. */
  first: W | undefined = undefined;
  private last: W | undefined = undefined;

  add(waiter: W): void {
    const last = this.last;
    waiter.queue = this;
    if (last === undefined) {
      this.first = waiter;
    } else {
      waiter.previous = last;
      last.next = waiter;
    }
    this.last = waiter;
  }

  remove(waiter: W): void {
    const previous = waiter.previous as W | undefined;
    const next = waiter.next as W | undefined;
    if (previous === undefined) this.first = next;
    else previous.next = next;
    if (next === undefined) this.last = previous;
    else next.previous = previous;
    waiter.queue = waiter.previous = waiter.next = undefined;
  }

  /** Removes and returns the waiter that has waited longest. */
  shift(): W | undefined {
    const first = this.first;
    if (first !== undefined) this.remove(first);
    return first;
  }
}

/** Waiters that were woken while another one was running, linked by `next`. They have left their queues. */
let firstReady: Waiter | undefined;
let lastReady: Waiter | undefined;
let going = false;

/**
 * Resumes `waiter`, which has left its queue.
 *
 * A waiter that is woken while another one runs is resumed after it. So a chain of waiters that wake each other needs no deep
 * call stack, and none runs while another one has updated the state only in part.
 */
export function wake(waiter: Waiter): void {
  if (going) {
    if (lastReady === undefined) firstReady = waiter;
    else lastReady.next = waiter;
    lastReady = waiter;
    return;
  }
  going = true;
  waiter.resume();
  while (firstReady !== undefined) {
    const next = firstReady;
    firstReady = next.next;
    if (firstReady === undefined) lastReady = undefined;
    next.next = undefined;
    next.resume();
  }
  going = false;
}
