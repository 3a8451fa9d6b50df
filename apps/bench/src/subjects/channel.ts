import type { Load } from "./load.ts";

/** What a contender is asked for: one transport of bytes from a writer to a reader, in the idiom of its kind. */
export interface Channel {
  /**
   * Writes the whole load, waiting whenever the writer is told to, and ends the stream.
   */
  send(load: Load): Promise<void>;
  /** Reads to the end and hands everything to the sink, which is done with the bytes when it returns. */
  receive(sink: Sink): Promise<void>;
  /** Bytes that were accepted from the writer and that no reader has got yet. */
  held(): number;
  /** Writes one chunk and waits until the writer may go on. */
  write?(bytes: Uint8Array): Promise<unknown>;
  /** Waits for bytes and resolves with how many came, or with `null` at the end. */
  read?(): Promise<number | null>;
  /** Ends the stream, after write(); send() does that itself. */
  end?(): unknown;
  /** The reader leaves in the middle, as those of its kind do. */
  cancel?(): unknown;
  /** Sends a byte to another thread and waits until it is back, so often, each time after such a pause. Resolves with the times in ns. */
  echo?(count: number, pauseMs: number): Promise<Float64Array>;
  /** Takes what another thread sends, so often, each time after such a pause. Resolves with how long each was on its way, in ns. */
  arrivals?(count: number, pauseMs: number): Promise<Float64Array>;
  /** Has two threads wait for what does not come, until the function that it resolves with is called. */
  silence?(): Promise<() => void>;
}

/** Takes the first `length` bytes of an array. Arrays that are read into are longer than what came. */
export interface Sink {
  take(bytes: Uint8Array, length: number): void;
}

/** What a channel is made with. */
export interface ChannelOptions {
  /** Length of the array that contenders read into, where they read into one. */
  readonly readBytes: number;
}

/** Makes a fresh channel. Each contender's file exports one. */
export type Open = (options: ChannelOptions) => Channel;
