declare global {
  /**
   * Merges with the platform's own type where the declarations of DOM, Node, Deno or Bun are loaded. Without them it is
   * empty, so that the declarations of this package still compile.
   */
  interface AbortSignal {}
}

/** The progress of one call. The caller creates the object; the call updates it. */
export interface Progress {
  /** Number of bytes that this call has moved. The call sets it to 0 first. It is exact also if the call rejects. */
  bytes: number;
}

/** Options of every operation that can wait. */
export interface WaitOptions {
  /** Aborting it rejects the operation with `signal.reason`. Bytes already moved stay moved, and the stream stays usable. */
  readonly signal?: AbortSignal | undefined;
}

/** Options of {@link Reader.read}. */
export interface ReadOptions extends WaitOptions {
  readonly progress?: Progress | undefined;
}

/** Options of {@link Reader.readChunk}. */
export interface ChunkOptions extends WaitOptions {
  /**
   * Maximum length of a chunk in bytes: an integer of at least 1, or `Infinity`. An array that the writer transferred is
   * delivered whole, even if it is longer.
   *
   * @default {65536}
   */
  readonly maxBytes?: number | undefined;
}

/** Options of an iteration over a reader. */
export interface IterationOptions {
  /** Aborting it rejects the iteration with `signal.reason`, and closes the reader with it unless `preventClose` is set. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Keeps the reader open when the loop is left. Bytes that were not yielded stay readable.
   *
   * @default {false}
   */
  readonly preventClose?: boolean | undefined;
}

/** Options of {@link Writer.tryWrite}. */
export interface TransferOptions {
  /**
   * Transfers ownership of the array: the caller must not use it again. The array is not detached.
   *
   * A consumer that reads owned chunks receives this array itself, without a copy. This requires that the array spans its
   * whole buffer and that no byte of it was read before; otherwise its bytes are copied.
   *
   * @default {false}
   */
  readonly transfer?: boolean | undefined;
}

/** Options of `PipeWriter.tryWrite`. */
export interface TryWriteOptions extends TransferOptions {
  /**
   * Accepts all of the bytes, or none if there is not enough room for all of them now.
   *
   * @default {false}
   */
  readonly whole?: boolean | undefined;
}

/** Options of `PipeWriter.flush`. */
export interface FlushOptions extends WaitOptions {
  /** Its `bytes` is the number of bytes that the reader has read, of all bytes written before the call. */
  readonly progress?: Progress | undefined;
}

/** Options of {@link Writer.write}. */
export interface WriteOptions extends WaitOptions, TransferOptions {
  readonly progress?: Progress | undefined;
}

/**
 * A source of bytes. Every helper and adapter accepts one: the reading end of a pipe, or an object of your own.
 *
 * Only `read`, `close` and `closeWithError` are required. Deno's `Reader` has the same `read`.
 */
export interface Reader {
  /**
   * Reads into `into`. Resolves with the number of bytes read, or with `null` at the end of the stream. It waits for the
   * first byte, not until `into` is full.
   */
  read(into: Uint8Array, options?: ReadOptions): Promise<number | null>;
  /** Closes the reader: pending and later writes reject. It neither throws nor waits. Only the first close counts. */
  close(): void;
  /** As {@link Reader.close}, but pending and later writes reject with `error` itself. */
  closeWithError(error: unknown): void;

  /** Resolves as soon as no read can deliver another byte. Never rejects. */
  readonly closed?: Promise<void>;
  /** Reads without waiting. Returns the number of bytes read, 0 if `read` would wait, or `null` at the end. */
  tryRead?(into: Uint8Array): number | null;
  /** Reads a chunk that the caller owns. Resolves with `null` at the end. */
  readChunk?(options?: ChunkOptions): Promise<Uint8Array | null>;
  /** As {@link Reader.readChunk} without waiting. Returns `undefined` if `readChunk` would wait. */
  tryReadChunk?(options?: Pick<ChunkOptions, "maxBytes">): Uint8Array | null | undefined;
  /**
   * Puts a copy of `bytes` back in front of all unread bytes, so that the next read delivers them first. Does nothing once
   * this reader is closed. Helpers that read ahead return unused bytes with it.
   */
  unread?(bytes: Uint8Array): void;
}

/**
 * A destination of bytes. Every helper and adapter accepts one: the writing end of a pipe, or an object of your own.
 *
 * Only `write`, `close` and `closeWithError` are required. Deno's `Writer` has the same `write`.
 */
export interface Writer {
  /** Writes all of `bytes`. Resolves with `bytes.length` once every byte is accepted; the array may then be reused. */
  write(bytes: Uint8Array, options?: WriteOptions): Promise<number>;
  /** Ends the stream: the reader gets all written bytes, then `null`. It neither throws nor waits. Only the first close counts. */
  close(): void;
  /** Ends the stream with an error: the reader gets the accepted bytes, then its reads reject with `error` itself. */
  closeWithError(error: unknown): void;

  /** Resolves as soon as a new write would fail, whichever side closed. Never rejects. */
  readonly closed?: Promise<void>;
  /** Writes as many bytes as are accepted without waiting, and returns their number. */
  tryWrite?(bytes: Uint8Array, options?: TransferOptions): number;
  /**
   * Closes the writer, then resolves once the sink behind it has finished: the file is closed, or the upload was accepted.
   * Rejects with the sink's own error, or with `signal.reason` if aborted; the writer stays closed. (PIPE-016)
   */
  finish?(options?: WaitOptions): Promise<void>;
}
