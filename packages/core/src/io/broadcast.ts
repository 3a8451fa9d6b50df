import { requireBytes } from "../bytes.ts";
import { progressOf, signalOf } from "../options.ts";
import { settled } from "../pipe/budget.ts";
import { Latch } from "../pipe/latch.ts";
import { requireWriter } from "../requirement.ts";
import { Mutex } from "../sync/mutex.ts";
import type { Progress, WaitOptions, WriteOptions, Writer } from "../types.ts";
import { describe } from "../value.ts";
import { unlessAborted } from "./aborted.ts";
import { isLeaving, type OwnClosing, ownClosedError } from "./closed-end.ts";
import { Interruption } from "./interruption.ts";
import { joined } from "./joined.ts";
import { writeWhole } from "./write-whole.ts";

/** Options of {@link broadcast}. */
export interface BroadcastOptions {
  /**
   * Called with the error of a writer that failed. That writer is left out from then on, and the others continue. The call
   * rejects only if the last writer fails. By default, the call rejects if any writer fails.
   */
  readonly onError?: ((error: unknown, writer: Writer) => void) | undefined;
}

/**
 * Makes a writer that writes to all of `writers`. It corresponds to Go's `io.MultiWriter`. It has no buffer: a write resolves
 * once every writer has accepted its bytes, so the slowest writer determines the speed.
 *
 * If a writer fails, the pending call and all later ones reject with its error, and the other writers are closed with it. With
 * `onError` the others continue. `close()` and `finish()` close all writers; `finish()` also waits until all have finished.
 *
 * After an aborted write, all writers get the same bytes: those that any writer has accepted are written to the others before
 * the next write.
 *
 * @param writers At least one writer.
 * @throws {TypeError} If an element of `writers` is not a `Writer`, or `onError` is not a function.
 * @throws {RangeError} If `writers` is empty.
 *
 * @example
 * ```ts
 * const [first, second] = [writerTo((reader) => readText(reader)), writerTo((reader) => readText(reader))];
 * const both = broadcast([first.writer, second.writer]);
 * await writeText(both, "to both");
 * both.close();
 * console.log(await first.result, await second.result); // to both to both
 * ```
 */
export function broadcast(writers: Iterable<Writer>, options?: BroadcastOptions): Writer {
  const all = [...writers];
  for (const [index, writer] of all.entries()) requireWriter(writer, `writers[${index}]`);
  if (all.length === 0) throw new RangeError("writers must have at least one Writer; got none");
  const onError = options?.onError;
  if (onError !== undefined && typeof onError !== "function") {
    throw new TypeError(`onError must be a function; got ${describe(onError)}`);
  }
  return new Broadcast(all, onError);
}

/** One of the writers, and the bytes of earlier aborted writes that must be written to it first. */
interface Branch {
  readonly writer: Writer;
  owed: Uint8Array;
}

const NOTHING = new Uint8Array(0);

class Broadcast implements Writer {
  /** The writers that have not failed. */
  readonly #branches: Set<Branch>;
  readonly #onError: ((error: unknown, writer: Writer) => void) | undefined;
  /** Held by one call at a time. */
  readonly #turns = new Mutex();
  /** Ends the wait for all writers when the broadcast has failed. */
  readonly #interruption = new Interruption();
  #failure: { readonly reason: unknown } | undefined;
  /** Whether a caller has received that error, or will. */
  #reported = false;
  #closing: OwnClosing | undefined;
  /** The close of all writers, after all earlier writes. Never rejects. */
  #ending: Promise<void> | undefined;
  /** Created at the first access of `closed`. */
  #latch: Latch | undefined;

  constructor(writers: readonly Writer[], onError: ((error: unknown, writer: Writer) => void) | undefined) {
    this.#branches = new Set(writers.map((writer) => ({ writer, owed: NOTHING })));
    this.#onError = onError;
  }

  get closed(): Promise<void> {
    if (this.#latch === undefined) {
      const latch = new Latch();
      this.#latch = latch;
      const closings = [...this.#branches].map(({ writer }) => writer.closed ?? new Promise<void>(() => {}));
      const closed = this.#onError === undefined ? Promise.race(closings) : Promise.all(closings);
      void closed.then(() => latch.open());
      if (this.#closing !== undefined || this.#failure !== undefined) latch.open();
    }
    return this.#latch.promise;
  }

  async write(bytes: Uint8Array, options?: WriteOptions): Promise<number> {
    const { length } = requireBytes(bytes, "write");
    const signal = signalOf(options);
    const progress = progressOf(options) ?? { bytes: 0 };
    if (signal?.aborted) throw signal.reason;
    this.#requireOpen("write", this.#closing);
    const turn = this.#turns.tryLock() ?? (await this.#turns.lock(options));
    try {
      this.#requireOpen("write", this.#cutBy);
      const moved = new Map<Branch, Progress>();
      const writes = Array.from(this.#branches, (branch) => this.#write(branch, bytes, options, moved));
      await this.#interruption.wait(Promise.all(writes));
      this.#requireOpen("write", this.#cutBy);
      if (signal?.aborted) this.#align(bytes, moved, progress);
      else progress.bytes = length;
      if (progress.bytes < length) throw signal?.reason;
      return await settled(length, length);
    } finally {
      turn.unlock();
    }
  }

  /** Writes to one writer. Never rejects: a failure is handled by {@link #leave}. */
  async #write(
    branch: Branch,
    bytes: Uint8Array,
    options: WriteOptions | undefined,
    moved: Map<Branch, Progress>,
  ): Promise<void> {
    const signal = options?.signal;
    const progress = { bytes: 0 };
    moved.set(branch, progress);
    try {
      await this.#writeOwed(branch, signal);
      progress.bytes = await writeWhole(branch.writer, bytes, { signal, progress });
    } catch (error) {
      const aborting = signalOf(options);
      if (!aborting?.aborted || error !== aborting.reason) this.#leave(branch, error);
    }
  }

  /** Writes the owed bytes of a writer. */
  async #writeOwed(branch: Branch, signal: AbortSignal | undefined): Promise<void> {
    if (branch.owed.length === 0) return;
    const progress = { bytes: 0 };
    try {
      progress.bytes = await writeWhole(branch.writer, branch.owed, { signal, progress });
    } finally {
      branch.owed = branch.owed.slice(progress.bytes);
    }
  }

  /** After an abort: the bytes that any writer has accepted are owed to the others. */
  #align(bytes: Uint8Array, moved: Map<Branch, Progress>, progress: Progress): void {
    const counts = Array.from(this.#branches, (branch) => moved.get(branch)?.bytes ?? 0);
    progress.bytes = Math.max(...counts);
    for (const [index, branch] of [...this.#branches].entries()) {
      branch.owed = joined(branch.owed, bytes.subarray(counts[index], progress.bytes));
    }
  }

  /** Called when a writer has failed. Fails the broadcast, unless `onError` is given and other writers are left. */
  #leave(branch: Branch, error: unknown): void {
    if (!this.#branches.delete(branch)) return;
    branch.writer.closeWithError(error);
    if (this.#onError !== undefined) {
      try {
        this.#onError(error, branch.writer);
      } catch (thrown) {
        void Promise.reject(thrown); // Reported as an unhandled rejection, so that the other writers continue.
      }
      if (this.#branches.size > 0) return;
    }
    this.#failure ??= { reason: error };
    this.#closeAll({ cause: error });
    this.#interruption.interrupt();
    this.#latch?.open();
  }

  close(): void {
    if (this.#closing !== undefined) return;
    this.#shut({});
    this.#ending = this.#end((writer) => writer.close());
    void this.#ending.then(() => {
      if (this.#failure === undefined || this.#reported || isLeaving(this.#failure.reason)) return;
      throw this.#failure.reason;
    });
  }

  async finish(options?: WaitOptions): Promise<void> {
    const signal = signalOf(options);
    if (this.#closing === undefined) this.#shut({});
    this.#reported = true;
    this.#ending ??= this.#end((writer) => writer.close());
    await unlessAborted(this.#ending, signal);
    this.#requireOpen("finish", this.#cutBy);
    const finishes = Array.from(this.#branches, async (branch) => {
      try {
        await branch.writer.finish?.(options);
      } catch (error) {
        if (signal?.aborted && error === signal.reason) throw error;
        this.#leave(branch, error);
      }
    });
    await this.#interruption.wait(Promise.all(finishes));
    this.#requireOpen("finish", undefined);
  }

  closeWithError(error: unknown): void {
    if (this.#closing !== undefined) return;
    this.#shut({ cause: error });
    this.#reported = true;
    this.#closeAll({ cause: error });
    this.#interruption.interrupt();
  }

  /** Calls {@link close}, for `using`. */
  [Symbol.dispose](): void {
    this.close();
  }

  #shut(closing: OwnClosing): void {
    this.#closing = closing;
    this.#latch?.open();
  }

  #closeAll(closing: { readonly cause: unknown }): void {
    for (const { writer } of this.#branches) writer.closeWithError(closing.cause);
  }

  /** Closes all writers after earlier calls, each once its owed bytes are written. Never rejects. */
  async #end(close: (writer: Writer) => void): Promise<void> {
    const turn = await this.#turns.lock();
    await Promise.all(
      Array.from(this.#branches, async (branch) => {
        try {
          await this.#writeOwed(branch, undefined);
          close(branch.writer);
        } catch (error) {
          this.#leave(branch, error);
        }
      }),
    );
    turn.unlock();
  }

  /** The close, if it was one with an error, which also rejects pending calls. */
  get #cutBy(): OwnClosing | undefined {
    return this.#closing !== undefined && "cause" in this.#closing ? this.#closing : undefined;
  }

  #requireOpen(operation: string, closing: OwnClosing | undefined): void {
    if (closing !== undefined) throw ownClosedError("writer", operation, closing);
    if (this.#failure === undefined) return;
    this.#reported = true;
    throw this.#failure.reason;
  }
}
