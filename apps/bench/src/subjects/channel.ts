import type { Load } from "./load.ts";

/** The interface of an implementation: one transport of bytes from a writer to a reader, in the idiom of its kind. */
export interface Channel {
  /**
   * Writes the whole load, waiting whenever the writer has to, and ends the stream.
   */
  send(load: Load): Promise<void>;
  /** Reads to the end and passes everything to the sink, which has finished with the bytes when it returns. */
  receive(sink: Sink): Promise<void>;
  /** Bytes that were accepted from the writer and that no read has returned yet. */
  held(): number;
  /** Writes one chunk and waits until the writer may continue. */
  write?(bytes: Uint8Array): Promise<unknown>;
  /** Waits for bytes and resolves with their number, or with `null` at the end. */
  read?(): Promise<number | null>;
  /** Ends the stream after write(). send() ends it itself. */
  end?(): unknown;
  /** The reader leaves in the middle, as readers of its kind do. */
  cancel?(): unknown;
  /** Sends a byte to another thread and waits until it is back, this many times, each after a pause. Resolves with the times in ns. */
  echo?(count: number, pauseMs: number): Promise<Float64Array>;
  /** Receives bytes of another thread, this many times, each after a pause. Resolves with the latency of each in ns. */
  arrivals?(count: number, pauseMs: number): Promise<Float64Array>;
  /** Makes two threads wait for bytes that do not come, until the returned function is called. */
  silence?(): Promise<() => void>;
}

/** Takes the first `length` bytes of an array. An array that is read into is longer than the bytes that came. */
export interface Sink {
  take(bytes: Uint8Array, length: number): void;
}

/** The options of a new channel. */
export interface ChannelOptions {
  /** The length of the array for implementations that read into one. */
  readonly readBytes: number;
}

/** Makes a new channel. The file of each implementation exports one. */
export type Open = (options: ChannelOptions) => Channel;
