/**
 * Lets what waits for something else go on before that has come. One waits at a time, and nothing stays registered with what lives longer.
 */
export class Interruption {
  #end: () => void = () => {};

  /** Settles as `promise` does, or is fulfilled with `undefined` when it is interrupted first. */
  wait<T>(promise: Promise<T>): Promise<T | undefined> {
    return new Promise((resolve, reject) => {
      this.#end = () => resolve(undefined);
      promise.then(resolve, reject);
    });
  }

  interrupt(): void {
    this.#end();
  }
}
