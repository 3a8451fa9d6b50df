// Taken at load, so that a test which replaces the global replaces it for the code under test alone.
const { setImmediate } = globalThis as Partial<typeof globalThis>;

/** Calls `callback` in a later iteration of the event loop. */
const later: (callback: () => void) => unknown = setImmediate ?? sendToOneself;

/**
 * Browsers have no `setImmediate`; a message to oneself is as prompt. Each takes a channel of its own, as those of the pipes do: WebKit sends messages
 * through another process, and those of an old channel overtake that of a new one.
 */
function sendToOneself(callback: () => void): void {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    port1.close();
    callback();
  };
  port2.postMessage(null);
}

/**
 * Lets everything happen that can happen without a timer or the outside world. Each turn runs every microtask that is
 * queued, and those that they queue; more turns than one, because a pipe may put a settlement off to a later macrotask
 * to be fair to timers.
 */
export async function settle(turns = 8): Promise<void> {
  for (let count = 0; count < turns; count++) await new Promise<void>((resolve) => later(resolve));
}

/** Whether `promise` is still pending once everything has happened that can. Its rejection counts as handled. */
export async function pending(promise: PromiseLike<unknown>): Promise<boolean> {
  let waiting = true;
  const arrive = (): void => {
    waiting = false;
  };
  promise.then(arrive, arrive);
  await settle();
  return waiting;
}
