/** A promise that `open()` resolves. */
export class Latch {
  readonly promise: Promise<void>;
  #resolve!: () => void;

  constructor() {
    this.promise = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  /** Resolves the promise. A second call has no effect. */
  open(): void {
    this.#resolve();
  }
}
