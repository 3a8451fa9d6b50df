/** Ends a wait for a promise early. Supports one wait at a time. An ended wait leaves no reference from the promise. */
export class Interruption {
  #end: () => void = () => {};

  /** Settles as `promise` does, or resolves with `undefined` if it is interrupted first. */
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
