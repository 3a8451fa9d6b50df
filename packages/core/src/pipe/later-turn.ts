/** What platforms have for "later, after timers and I/O had their turn". Each has one of them at least. */
interface Platform {
  setImmediate?: (callback: () => void) => unknown;
  MessageChannel?: new () => { port1: Port; port2: Port };
  setTimeout?: (callback: () => void, ms: number) => unknown;
}

interface Port {
  onmessage: (() => void) | null;
  postMessage(message: unknown): void;
  unref?(): void;
}

/** Calls `callback` in a later turn of the event loop, after timers and I/O that were due had theirs. */
export const laterTurn: (callback: () => void) => void = choose(globalThis as Platform);

// Chosen at load, so that a test's fake timers cannot stop the real ones.
function choose({ setImmediate, MessageChannel, setTimeout }: Platform): (callback: () => void) => void {
  if (setImmediate !== undefined) return (callback) => void setImmediate(callback);
  if (MessageChannel !== undefined) return throughChannel(MessageChannel);
  return (callback) => void setTimeout?.(callback, 0);
}

/** A message to oneself comes without the 4 ms that browsers add to a `setTimeout` in a chain of them. */
function throughChannel(Channel: NonNullable<Platform["MessageChannel"]>): (callback: () => void) => void {
  const waiting: Array<() => void> = [];
  let channel: InstanceType<typeof Channel> | undefined;
  return (callback) => {
    if (channel === undefined) {
      channel = new Channel();
      channel.port1.onmessage = () => waiting.shift()?.();
      channel.port1.unref?.(); // A channel with a listener would keep a process alive for ever.
    }
    waiting.push(callback);
    channel.port2.postMessage(null);
  };
}
