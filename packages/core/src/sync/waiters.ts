/** One who waits: a link of the one queue it waits in. */
export abstract class Waiter {
  /** The queue this one waits in now. Set and cleared by {@link Waiters} only. */
  queue: Waiters | undefined = undefined;
  /** The neighbours in that queue. Changed by {@link Waiters} only. */
  previous: Waiter | undefined = undefined;
  next: Waiter | undefined = undefined;

  /** Goes on with what this one was waiting to do. It must not throw: the one who woke it has nothing to do with it. */
  abstract resume(): void;
}

/** A queue of waiters, first come, first served. Joining, leaving from anywhere and taking the first all take constant time. */
export class Waiters<W extends Waiter = Waiter> {
  /** The one that has waited longest. */
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

  /** Takes the one that has waited longest out of the queue. */
  shift(): W | undefined {
    const first = this.first;
    if (first !== undefined) this.remove(first);
    return first;
  }
}

/** Those that were woken while another one was going on, linked by `next`. They wait in no queue any more. */
let firstReady: Waiter | undefined;
let lastReady: Waiter | undefined;
let going = false;

/**
 * Lets `waiter`, which has left its queue, go on.
 *
 * Who is woken while another one goes on, goes on after it. So a thousand waiters that wake each other in turn are a
 * loop and no stack a thousand calls deep, and none of them finds another one's work half done.
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
