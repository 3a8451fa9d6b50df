import { fairTurn } from "@pipe512/core/adapter";

// Saved at load, so that a test that replaces the global affects only the code under test.
const { setImmediate } = globalThis as Partial<typeof globalThis>;

/**
 * Runs everything that can run without a timer or I/O. Each turn runs all microtasks that are queued, and those that they queue. There are several turns,
 * because a pipe may defer a settlement to a later iteration of the event loop, so that timers can fire (PIPE-040).
 */
export async function settle(turns = 8): Promise<void> {
  for (let count = 0; count < turns; count++) await nextTurn();
  if (setImmediate !== undefined) return;
  // WebKit sends messages through another process, and those of one channel overtake those of another. The message that ends a deferral
  // may therefore arrive after all of these.
  for (let count = 0; count < turns; count++) {
    const deferral = fairTurn(0);
    if (deferral === undefined) return;
    await deferral;
    await nextTurn();
  }
}

/** Whether `promise` is still pending after everything that can run has run. Its rejection counts as handled. */
export async function pending(promise: PromiseLike<unknown>): Promise<boolean> {
  let waiting = true;
  const arrive = (): void => {
    waiting = false;
  };
  promise.then(arrive, arrive);
  await settle();
  return waiting;
}

/** Resolves in a later iteration of the event loop. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    if (setImmediate === undefined) sendMessage(resolve);
    else setImmediate(resolve);
  });
}

/** Browsers have no `setImmediate`. A message is as prompt. Each has its own channel, as those of the pipes do. */
function sendMessage(callback: () => void): void {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    port1.close();
    callback();
  };
  port2.postMessage(null);
}
