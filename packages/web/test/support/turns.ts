// Taken at load, so that fake timers replace nothing here. Browsers have no setImmediate().
const { setImmediate, MessageChannel } = globalThis as Partial<typeof globalThis>;

function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    if (setImmediate !== undefined) {
      setImmediate(resolve);
    } else if (MessageChannel !== undefined) {
      const { port1, port2 } = new MessageChannel();
      port1.addEventListener("message", () => {
        port1.close();
        resolve();
      });
      port1.start();
      port2.postMessage(null);
    }
  });
}

/** Lets everything happen that can happen without a timer or the outside world. */
export async function settle(turns = 8): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await nextTurn();
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
