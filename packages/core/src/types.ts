declare global {
  /**
   * The platform's own type where its declarations are loaded (DOM, Node, Deno, Bun), and empty elsewhere, so that
   * the declarations of this package compile without any of them.
   */
  interface AbortSignal {}
}

/** How far one call has come. The caller makes it, the call keeps it up to date. */
export interface Progress {
  /** Bytes that this very call has moved: 0 when the call begins, exact whatever the call settles with. */
  bytes: number;
}

/** What every waiting operation can be given. */
export interface WaitOptions {
  /** Aborting it rejects the operation with `signal.reason`. The bytes it has moved by then stay moved, and the stream stays usable. */
  readonly signal?: AbortSignal | undefined;
}

/** Options of {@link Reader.read}. */
export interface ReadOptions extends WaitOptions {
  readonly progress?: Progress | undefined;
}

/** Options of {@link Reader.readChunk}. */
export interface ChunkOptions extends WaitOptions {
  /**
   * The most bytes a chunk may have, an integer of at least 1. An array that its writer gave away comes whole,
   * whatever its length.
   *
   * @default {65536}
   */
  readonly maxBytes?: number | undefined;
}

/** Options of an iteration over a reader. */
export interface IterationOptions {
  /** Aborting it ends the iteration with `signal.reason`, and closes the reader with it unless `preventClose`. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Leaves the reader open when the loop is left: what was not yielded stays readable.
   *
   * @default {false}
   */
  readonly preventClose?: boolean | undefined;
}

/** Options of {@link Writer.tryWrite}. */
export interface TransferOptions {
  /**
   * Gives the array away: the caller must not touch it again. It is not detached. A consumer that takes owned chunks
   * may get this very array, where it spans its whole buffer and no byte of it was taken before; otherwise its bytes
   * are copied.
   *
   * @default {false}
   */
  readonly transfer?: boolean | undefined;
}

/** Options of `PipeWriter.tryWrite`. */
export interface TryWriteOptions extends TransferOptions {
  /**
   * Accepts all of the bytes, or none where not all of them have room now.
   *
   * @default {false}
   */
  readonly whole?: boolean | undefined;
}

/** Options of `PipeWriter.flush`. */
export interface FlushOptions extends WaitOptions {
  /** Its `bytes` is how many of the bytes written before the call the reader has taken. */
  readonly progress?: Progress | undefined;
}

/** Options of {@link Writer.write}. */
export interface WriteOptions extends WaitOptions, TransferOptions {
  readonly progress?: Progress | undefined;
}

/**
 * Where bytes come from. This is what every adapter is written against: a pipe's reading end is one, and so may be
 * anything of yours. `read`, `close` and `closeWithError` are all it takes (Deno's `Reader` has the same `read`).
 */
export interface Reader {
  /**
   * Reads into `into` and resolves with the number of bytes, or with `null` at the end. It waits for the first byte,
   * never for a full array.
   */
  read(into: Uint8Array, options?: ReadOptions): Promise<number | null>;
  /** Says that no more bytes are wanted. Never throws, never waits; only the first close counts. */
  close(): void;
  /** As {@link Reader.close}, and tells the writing side why: its writes reject with `error` itself. */
  closeWithError(error: unknown): void;

  /** Resolves as soon as no read can deliver a byte any more. Never rejects. */
  readonly closed?: Promise<void>;
  /** Reads without waiting: the bytes read, 0 where `read` would wait now, `null` at the end. */
  tryRead?(into: Uint8Array): number | null;
  /** Reads a chunk that the caller owns, or `null` at the end. */
  readChunk?(options?: ChunkOptions): Promise<Uint8Array | null>;
  /** As {@link Reader.readChunk} without waiting: `undefined` where it would wait now. */
  tryReadChunk?(options?: Pick<ChunkOptions, "maxBytes">): Uint8Array | null | undefined;
  /**
   * Puts bytes back in front, a copy of them, so that the next read delivers them first. Does nothing once this reader is closed. Helpers
   * that read ahead give back with it what they do not use.
   */
  unread?(bytes: Uint8Array): void;
}

/**
 * Where bytes go to. This is what every adapter is written against: a pipe's writing end is one, and so may be
 * anything of yours. `write`, `close` and `closeWithError` are all it takes (Deno's `Writer` has the same `write`).
 */
export interface Writer {
  /** Resolves with `bytes.length` once every byte is accepted; until then it waits. Afterwards the array may be reused. */
  write(bytes: Uint8Array, options?: WriteOptions): Promise<number>;
  /** Ends the stream: the reader gets what was written, then `null`. Never throws, never waits; only the first close counts. */
  close(): void;
  /** Ends the stream with an error: the reader gets the accepted bytes, then `error` itself. */
  closeWithError(error: unknown): void;

  /** Resolves as soon as a new write would fail, whichever side closed. Never rejects. */
  readonly closed?: Promise<void>;
  /** Writes what is accepted without waiting and returns its length. */
  tryWrite?(bytes: Uint8Array, options?: TransferOptions): number;
  /**
   * Closes the writer and resolves once the sink behind it has finished: a file is written and closed, an upload has been
   * accepted. Rejects with the sink's own error, or with `signal.reason` once aborted; the close stands then. (PIPE-016)
   */
  finish?(options?: WaitOptions): Promise<void>;
}
