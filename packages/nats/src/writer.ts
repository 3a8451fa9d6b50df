import { type PipeWriter, pipe, type WriteOptions, type Writer } from "@pipe512/core";
import type { NatsConnection } from "@nats-io/nats-core";
import { Link } from "./link.ts";
import { attachWriter } from "./opening.ts";
import {
  type NatsPipeOptions,
  requireConnection,
  requireName,
  requireSignal,
  settingsOf,
} from "./settings.ts";
import { Store } from "./store.ts";
import { WriterSession } from "./writer-session.ts";

/** Options of the waiting operations of a {@link NatsWriter}. */
interface WaitOptions {
  readonly signal?: AbortSignal | undefined;
}

/**
 * Opens the writing end of the pipe `name`, and creates the pipe if it does not exist. A pipe has one writer: a newer
 * writer takes over, and the operations of the older one reject.
 *
 * A writer that was killed is opened again with the same name. It continues with the byte at `position`.
 *
 * @throws {TypeError} If the connection, the name or an option is of the wrong type.
 * @throws {RangeError} If an option is out of range, or the other side was opened with different options.
 * @throws {ClosedPipeError} If the pipe has ended: a name is used once.
 * @throws {Error} If the server does not answer within the lease, or rejects the request; or if `prepareNatsPipes` was never called.
 * @throws `signal.reason` if the signal is or becomes aborted.
 *
 * @example
 * ```ts
 * const writer = await natsWriter(await connect({ servers, maxReconnectAttempts: -1 }), "orders");
 * await writeText(writer, "id,total\n1,12.50\n");
 * await writer.finish(); // The reader has read everything.
 * ```
 */
export async function natsWriter(
  connection: NatsConnection,
  name: string,
  options: NatsPipeOptions = {},
): Promise<NatsWriter> {
  requireConnection(connection);
  requireName(name);
  const settings = settingsOf(options, connection);
  const { signal } = options;
  requireSignal(signal);
  const link = Link.of(connection);
  const store = await Store.open(link, name);
  const opened = await attachWriter(link, store, name, settings, signal);
  const { reader, writer } = pipe({ name });
  const session = new WriterSession(link, store, name, settings, opened, reader);
  const end = new NatsWriter(writer, session, opened.position);
  if (session.isEnded) writer.close();
  if (signal !== undefined) closeOnAbort(signal, end);
  return end;
}

/** The writing end of a pipe between machines. Made by {@link natsWriter}. */
export class NatsWriter implements Writer {
  readonly #pipe: PipeWriter;
  readonly #session: WriterSession;
  /** The position where this session began. */
  readonly #start: number;

  /** @internal */
  constructor(inner: PipeWriter, session: WriterSession, start: number) {
    this.#pipe = inner;
    this.#session = session;
    this.#start = start;
  }

  /** The position of the next byte in the whole stream of this pipe. Counts the bytes accepted, also those of earlier writers. */
  get position(): number {
    return this.#start + this.#pipe.bytesWritten;
  }

  /** Resolves as soon as a new write would fail, whichever side closed. Never rejects. */
  get closed(): Promise<void> {
    return this.#pipe.closed;
  }

  /**
   * Resolves with `bytes.length` once the server has stored every byte. It waits while the window has no room. Writes
   * that are not awaited are stored in call order, many at a time.
   *
   * @throws {TypeError} If `bytes` is not a `Uint8Array`, or an option is of the wrong type.
   * @throws `signal.reason` if the signal is or becomes aborted. The bytes that `progress` counts will still be stored.
   * @throws {ClosedPipeError} If this end is closed, the reader has closed, or a newer writer has taken over.
   * @throws {AbandonedPipeError} If the reader was lost, or the connection was closed.
   * @throws {Error} The error that the reader was closed with: an error with the same name, message and code.
   */
  async write(bytes: Uint8Array, options?: WriteOptions): Promise<number> {
    const taken = await this.#pipe.write(
      bytes,
      options && { signal: options.signal, progress: options.progress },
    );
    if (taken === 0) return 0;
    const { position } = this;
    await this.#session.stored({ position, attempt: `write ${taken} bytes`, taken, signal: options?.signal });
    return taken;
  }

  /**
   * Accepts the bytes that fit without waiting and returns their number. They are stored later. {@link flush} resolves
   * after the reader has committed them.
   *
   * @throws As {@link write} rejects, at once.
   */
  tryWrite(bytes: Uint8Array): number {
    return this.#pipe.tryWrite(bytes);
  }

  /**
   * Resolves when the reader has committed every byte of the writes issued before the call.
   *
   * @throws As {@link write}.
   */
  async flush(options: WaitOptions = {}): Promise<void> {
    await this.#pipe.flush(options);
    const { position } = this;
    await this.#session.committed({ position, attempt: "flush", taken: 0, signal: options.signal });
  }

  /**
   * Closes this end and resolves once the reader has read and committed everything, the end included. Of the pipe, the
   * server then keeps only the record.
   *
   * @throws {ClosedPipeError} If this end was closed with an error, once the reader has that error; or if the reader closed before the end.
   * @throws As {@link write} otherwise.
   */
  finish(options: WaitOptions = {}): Promise<void> {
    this.close();
    return this.#session.finished(options.signal);
  }

  /**
   * Ends the stream after the writes already issued. Never throws and never waits. Only the first close counts. The end is
   * stored in the background: await {@link finish} before you close the connection.
   */
  close(): void {
    this.#pipe.close();
    this.#session.close("closed");
  }

  /** Ends the stream with an error. The reader gets the accepted bytes, then an error with the same name, message and code. */
  closeWithError(error: unknown): void {
    this.#pipe.closeWithError(error);
    this.#session.close("failed");
  }

  /** Does the same as {@link close}, for `using`. */
  [Symbol.dispose](): void {
    this.close();
  }
}

/** Closes an end with the reason of `signal` once the signal aborts. */
export function closeOnAbort(
  signal: AbortSignal,
  end: { readonly closed: Promise<void>; closeWithError(error: unknown): void },
): void {
  const abort = (): void => end.closeWithError(signal.reason);
  if (signal.aborted) abort();
  signal.addEventListener("abort", abort, { once: true });
  void end.closed.then(() => signal.removeEventListener("abort", abort));
}
