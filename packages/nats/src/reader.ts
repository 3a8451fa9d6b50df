import {
  type ChunkOptions,
  type IterationOptions,
  type PipeReader,
  pipe,
  type Reader,
  type ReadOptions,
} from "@pipe512/core";
import type { NatsConnection } from "@nats-io/nats-core";
import { errorText } from "./errors.ts";
import { Link } from "./link.ts";
import { attachReader } from "./opening.ts";
import { ReaderSession } from "./reader-session.ts";
import {
  type NatsPipeOptions,
  requireConnection,
  requireInteger,
  requireName,
  requireSignal,
  settingsOf,
  shown,
} from "./settings.ts";
import { Store } from "./store.ts";
import { closeOnAbort } from "./writer.ts";

/** Options of {@link natsReader}. */
export interface NatsReaderOptions extends NatsPipeOptions {
  /**
   * The position of the first byte to read: the `position` that the consumer has stored itself. The bytes before it count
   * as committed.
   *
   * @default The committed position.
   */
  readonly from?: number | undefined;
  /**
   * `"auto"` commits the bytes of earlier reads when the next read is called. With `"manual"`, only `commit()` commits.
   *
   * @default {"auto"}
   */
  readonly commit?: "auto" | "manual" | undefined;
}

/**
 * Opens the reading end of the pipe `name`, and creates the pipe if it does not exist. A pipe has one reader: a newer
 * reader takes over, and the operations of the older one reject.
 *
 * A reader that was killed is opened again with the same name. It continues with the first byte that is not committed, or
 * at `from`.
 *
 * @throws {TypeError} If the connection, the name or an option is of the wrong type.
 * @throws {RangeError} If an option is out of range, `from` is before the committed position, or the other side was opened with different options.
 * @throws {ClosedPipeError} If the pipe has ended: a name is used once.
 * @throws {Error} If the server does not answer within the lease, or rejects the request; or if `prepareNatsPipes` was never called.
 * @throws `signal.reason` if the signal is or becomes aborted.
 *
 * @example
 * ```ts
 * const reader = await natsReader(await connect({ servers, maxReconnectAttempts: -1 }), "orders");
 * for await (const line of lines(reader)) console.log(line);
 * await reader.commit(); // The writer's finish() resolves.
 * ```
 */
export async function natsReader(
  connection: NatsConnection,
  name: string,
  options: NatsReaderOptions = {},
): Promise<NatsReader> {
  requireConnection(connection);
  requireName(name);
  const settings = settingsOf(options, connection);
  const { signal, from, commit = "auto" } = options;
  requireSignal(signal);
  if (from !== undefined) requireInteger("from", from, 0, Number.MAX_SAFE_INTEGER);
  if (commit !== "auto" && commit !== "manual")
    throw new TypeError(`commit must be "auto" or "manual"; got ${shown(commit)}`);
  const link = Link.of(connection);
  const store = await Store.open(link, name);
  const opened = await attachReader(link, store, name, settings, from, signal);
  const { reader, writer } = pipe({ name });
  const session = new ReaderSession(link, store, name, settings, opened, writer);
  const end = new NatsReader(reader, session, opened.record.pos, commit === "auto");
  if (signal !== undefined) closeOnAbort(signal, end);
  return end;
}

/** The reading end of a pipe between machines. Made by {@link natsReader}. */
export class NatsReader implements Reader {
  readonly #pipe: PipeReader;
  readonly #session: ReaderSession;
  /** The position where this session began. */
  readonly #start: number;
  readonly #commitsItself: boolean;
  #committed: number;

  /** @internal */
  constructor(inner: PipeReader, session: ReaderSession, start: number, commitsItself: boolean) {
    this.#pipe = inner;
    this.#session = session;
    this.#start = start;
    this.#committed = start;
    this.#commitsItself = commitsItself;
  }

  /** The position of the next byte in the whole stream of this pipe. Counts the bytes read, also those of earlier readers. */
  get position(): number {
    return this.#start + this.#pipe.bytesRead;
  }

  /** Resolves as soon as no read can deliver another byte. Never rejects. */
  get closed(): Promise<void> {
    return this.#pipe.closed;
  }

  /**
   * Reads into `into` as soon as one byte is available. Resolves with the number of bytes, or with `null` at the end.
   *
   * @throws {TypeError} If `into` is not a `Uint8Array`, or an option is of the wrong type.
   * @throws `signal.reason` if the signal is or becomes aborted. No byte is lost.
   * @throws {ClosedPipeError} If this end is closed, or a newer reader has taken over.
   * @throws {AbandonedPipeError} If the writer was lost, the server has lost unread bytes, or the connection was closed; after the bytes that came.
   * @throws {Error} The error that the writer was closed with, after all bytes: an error with the same name, message and code.
   */
  read(into: Uint8Array, options?: ReadOptions): Promise<number | null> {
    return this.#next() ?? this.#pipe.read(into, options);
  }

  /** Resolves with a chunk that the caller owns, or with `null` at the end. @throws As {@link read}. */
  readChunk(options?: ChunkOptions): Promise<Uint8Array | null> {
    return this.#next() ?? this.#pipe.readChunk(options);
  }

  /**
   * Reads the bytes that are available now. Returns their number, 0 if {@link read} would wait, `null` at the end.
   *
   * @throws As {@link read} rejects, at once.
   */
  tryRead(into: Uint8Array): number | null {
    this.#tryNext();
    return this.#pipe.tryRead(into);
  }

  /** Does the same as {@link readChunk} without waiting. Returns `undefined` if that would wait. @throws As {@link read} rejects, at once. */
  tryReadChunk(options?: Pick<ChunkOptions, "maxBytes">): Uint8Array | null | undefined {
    this.#tryNext();
    return this.#pipe.tryReadChunk(options);
  }

  /** Does the same as {@link chunks} without options: `for await (const chunk of reader)`. */
  [Symbol.asyncIterator](): AsyncIterableIterator<Uint8Array> {
    return this.chunks();
  }

  /** Iterates over chunks that the consumer owns. Leaving the loop closes this end, unless `preventClose`. */
  chunks(options?: IterationOptions & Pick<ChunkOptions, "maxBytes">): AsyncIterableIterator<Uint8Array> {
    const chunks = this.#pipe.chunks(options);
    const { preventClose, signal } = options ?? {};
    const aborted = (error: unknown): never => {
      if (signal?.aborted && !preventClose) this.closeWithError(signal.reason);
      throw error;
    };
    const iteration: AsyncIterableIterator<Uint8Array> = {
      next: () => (this.#next() ?? chunks.next()).catch(aborted),
      return: () => {
        const returned = chunks.return?.() ?? Promise.resolve({ done: true as const, value: undefined });
        if (!preventClose) this.close();
        return returned;
      },
      [Symbol.asyncIterator]: () => iteration,
    };
    return iteration;
  }

  /**
   * Commits all bytes read so far. The writer gets that much room, and a reader that is opened later begins after them.
   * Resolves once the server has stored the commit. At the end of the stream, the writer's `finish()` can then resolve.
   *
   * @throws {ClosedPipeError} If this end is closed.
   * @throws As {@link read} otherwise.
   */
  async commit(): Promise<void> {
    const { position } = this;
    this.#committed = position;
    this.#session.read(position, position, true);
    await this.#session.committed({ position, attempt: "commit", taken: 0, signal: undefined });
  }

  /** Stops reading: the writer's writes reject with a `ClosedPipeError`. Never throws and never waits. Only the first close counts. */
  close(): void {
    this.#pipe.close();
    this.#session.close();
  }

  /** Does the same as {@link close}, but writes reject with an error of the same name, message and code. */
  closeWithError(error: unknown): void {
    this.#pipe.closeWithError(error);
    this.#session.close(errorText(error));
  }

  /** Does the same as {@link close}, for `using`. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** Closes this end and resolves once the server has stored that, for `await using`. The connection can be closed then. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
    await this.#session.left;
  }

  /** Runs before every read and commits earlier reads. Returns a rejection if this session is over. */
  #next(): Promise<never> | undefined {
    try {
      this.#tryNext();
      return undefined;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  #tryNext(): void {
    const { failure } = this.#session;
    if (failure !== undefined) throw failure("read", 0);
    const { position } = this;
    if (this.#commitsItself) this.#committed = position;
    this.#session.read(position, this.#committed, false);
  }
}
