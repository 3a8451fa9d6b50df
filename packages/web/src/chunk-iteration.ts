import type { Reader } from "@pipe512/core";
import { Input } from "./input.ts";

/** An iteration over owned chunks of a `Reader`. Leaving it closes the reader, and ends a pending `next()`. */
export class ChunkIteration implements AsyncIterableIterator<Uint8Array, undefined> {
  readonly #reader: Reader;
  readonly #input: Input;
  #done = false;

  constructor(reader: Reader, chunkSize: number) {
    this.#reader = reader;
    this.#input = new Input(reader, chunkSize);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    let failure: { readonly error: unknown } | undefined;
    try {
      const value = this.#done ? null : await this.#input.next();
      if (value !== null && !this.#done) return { done: false, value };
    } catch (error) {
      failure = { error };
    }
    if (failure !== undefined && !this.#done) {
      this.#done = true;
      throw failure.error;
    }
    this.#done = true;
    return { done: true, value: undefined };
  }

  async return(): Promise<IteratorReturnResult<undefined>> {
    this.#done = true;
    this.#reader.close();
    return { done: true, value: undefined };
  }
}
