/** Makes the error of one call. Its message states what the call attempted, and how many of its bytes were accepted. */
export type Failure = (attempt: string, taken: number) => unknown;

/** A call that waits until a position is reached. */
export interface Wait {
  readonly position: number;
  /** What the call attempts, for the message of an error: `"write 512 bytes"`. */
  readonly attempt: string;
  /** Bytes of the call that were accepted. */
  readonly taken: number;
  readonly signal: AbortSignal | undefined;
}

interface Waiting extends Wait {
  resolve(): void;
  reject(error: unknown): void;
}

/** Calls that wait until a position is reached: stored, or committed. */
export class Waits {
  readonly #waiting = new Set<Waiting>();

  get size(): number {
    return this.#waiting.size;
  }

  /** @throws `signal.reason` as soon as the signal is aborted. */
  add(wait: Wait): Promise<void> {
    const { signal } = wait;
    return new Promise((resolve, reject) => {
      const end = (): void => {
        this.#waiting.delete(waiting);
        signal?.removeEventListener("abort", abort);
      };
      const waiting: Waiting = {
        ...wait,
        resolve: () => {
          end();
          resolve();
        },
        reject: (error) => {
          end();
          reject(error);
        },
      };
      const abort = (): void => waiting.reject(signal?.reason);
      this.#waiting.add(waiting);
      if (signal?.aborted) abort();
      else signal?.addEventListener("abort", abort);
    });
  }

  /** Resolves the calls that wait for `position` or less. Later calls wait for later positions. */
  reach(position: number): void {
    for (const waiting of this.#waiting) {
      if (waiting.position > position) return;
      waiting.resolve();
    }
  }

  /** Rejects all waiting calls, each with its own error. */
  fail(failure: Failure): void {
    for (const waiting of this.#waiting) waiting.reject(failure(waiting.attempt, waiting.taken));
  }
}
