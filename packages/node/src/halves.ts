import type { Callback } from "./callbacks.ts";

/** What a stream that is read does with what is behind it. */
export interface Reading {
  /** The stream asks for a chunk: it is pushed now, or when there is one. Asking twice is asking once. */
  ask(): void;
  /** The stream is destroyed. */
  stopReading(error: Error | null): void;
}

/** What a stream that is written does with what is behind it. */
export interface Writing {
  /** `callback` runs once, when the chunk is accepted or when it is certain that it will not be. */
  write(chunk: Uint8Array, callback: Callback): void;
  /** The stream has ended, and its writes are done. */
  end(callback: Callback): void;
  /** The stream is destroyed. */
  stopWriting(error: Error | null): void;
}
