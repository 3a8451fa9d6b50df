/** A promise that is resolved once, from outside. */
export class Latch {
  readonly promise: Promise<void>;
  #resolve!: () => void;

  constructor() {
    this.promise = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  /** Resolves the promise. A second call changes nothing. */
  open(): void {
    this.#resolve();
  }
}
