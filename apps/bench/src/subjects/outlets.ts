import type { Observable, Subscription } from "rxjs";
import type { Sink } from "./channel.ts";
import type { Outlet } from "./joined.ts";

/** Iterates, as consumers of an AsyncIterable of chunks do today. Leaving the loop closes it. */
export class IterableOutlet implements Outlet {
  readonly #iterator: AsyncIterator<Uint8Array>;
  readonly #iterable: AsyncIterable<Uint8Array>;
  readonly #cancel: () => unknown;
  // Only receive() and read() change these.
  bytes = 0;

  /** @param cancel How a reader leaves in the middle. */
  constructor(iterable: AsyncIterable<Uint8Array>, cancel: () => unknown) {
    this.#iterator = iterable[Symbol.asyncIterator]();
    // The loop below must use the same iterator as read().
    this.#iterable = { [Symbol.asyncIterator]: () => this.#iterator };
    this.#cancel = cancel;
  }

  async receive(sink: Sink): Promise<void> {
    for await (const chunk of this.#iterable) {
      this.bytes += chunk.length;
      sink.take(chunk, chunk.length);
    }
  }

  async read(): Promise<number | null> {
    const { done, value } = await this.#iterator.next();
    if (done === true) return null;
    this.bytes += value.length;
    return value.length;
  }

  cancel(): unknown {
    return this.#cancel();
  }
}

/** Reads a Web stream chunk by chunk. */
export class WebOutlet implements Outlet {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  // Only receive() and read() change these.
  bytes = 0;

  constructor(stream: ReadableStream<Uint8Array>) {
    this.#reader = stream.getReader();
  }

  async receive(sink: Sink): Promise<void> {
    const reader = this.#reader;
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      this.bytes += value.length;
      sink.take(value, value.length);
    }
  }

  async read(): Promise<number | null> {
    const { done, value } = await this.#reader.read();
    if (done) return null;
    this.bytes += value.length;
    return value.length;
  }

  cancel(): Promise<void> {
    return this.#reader.cancel();
  }
}

/** Reads a byte stream into its own array, which each read returns, so that it can be reused. */
export class ByobOutlet implements Outlet {
  readonly #reader: ReadableStreamBYOBReader;
  #buffer: ArrayBuffer;
  // Changed only by receive() and read().
  bytes = 0;

  constructor(stream: ReadableStream<Uint8Array>, readBytes: number) {
    this.#reader = stream.getReader({ mode: "byob" });
    this.#buffer = new ArrayBuffer(readBytes);
  }

  async receive(sink: Sink): Promise<void> {
    const reader = this.#reader;
    for (;;) {
      const { done, value } = await reader.read(new Uint8Array(this.#buffer));
      if (done) return;
      this.bytes += value.length;
      sink.take(value, value.length);
      this.#buffer = value.buffer;
    }
  }

  async read(): Promise<number | null> {
    const { done, value } = await this.#reader.read(new Uint8Array(this.#buffer));
    if (done) return null;
    this.bytes += value.length;
    this.#buffer = value.buffer;
    return value.length;
  }

  cancel(): Promise<void> {
    return this.#reader.cancel();
  }
}

/** Subscribes, and passes each chunk to an asynchronous step, which needs backpressure. */
export class ObservableOutlet implements Outlet {
  readonly #through: (step: (chunk: Uint8Array) => Promise<void>) => Observable<unknown>;
  // Set by receive().
  #subscription: Subscription | undefined;
  // Changed only by receive().
  bytes = 0;

  /** @param through Makes the observable that passes each chunk to the step. */
  constructor(through: (step: (chunk: Uint8Array) => Promise<void>) => Observable<unknown>) {
    this.#through = through;
  }

  receive(sink: Sink): Promise<void> {
    const step = (chunk: Uint8Array): Promise<void> => {
      this.bytes += chunk.length;
      sink.take(chunk, chunk.length);
      return Promise.resolve();
    };
    return new Promise((resolve, reject) => {
      this.#subscription = this.#through(step).subscribe({ complete: resolve, error: reject });
    });
  }

  cancel(): void {
    this.#subscription?.unsubscribe();
  }
}
