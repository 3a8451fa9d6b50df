import type { Callback } from "./callbacks.ts";

/** The operations of a readable stream on its source. */
export interface Reading {
  /** Pulls a chunk, which is pushed now or when it is available. Calling it again before that has no effect. */
  ask(): void;
  /** Called when the stream is destroyed. */
  stopReading(error: Error | null): void;
}

/** The operations of a writable stream on its target. */
export interface Writing {
  /** Writes a chunk. `callback` runs exactly once, when the chunk is accepted or has failed. */
  write(chunk: Uint8Array, callback: Callback): void;
  /** Called when the stream has ended and all its writes are done. */
  end(callback: Callback): void;
  /** Called when the stream is destroyed. */
  stopWriting(error: Error | null): void;
}
