/** A signal that counts its listeners, and its controller. */
export interface CountedSignal {
  readonly signal: AbortSignal;
  readonly counts: { now: number; most: number };
  readonly abort: (reason: unknown) => void;
}

export function countedSignal(): CountedSignal {
  const aborter = new AbortController();
  const { signal } = aborter;
  const counts = { now: 0, most: 0 };
  const add = signal.addEventListener.bind(signal) as (...options: unknown[]) => void;
  const remove = signal.removeEventListener.bind(signal) as (...options: unknown[]) => void;
  signal.addEventListener = (...options: unknown[]) => {
    counts.now += 1;
    counts.most = Math.max(counts.most, counts.now);
    add(...options);
  };
  signal.removeEventListener = (...options: unknown[]) => {
    counts.now -= 1;
    remove(...options);
  };
  return { signal, counts, abort: (reason) => aborter.abort(reason) };
}
