import type { Writer } from "@pipe512/core";
import { ForeignCount, writeWhole } from "@pipe512/core/adapter";
import type { Observer, Subscriber } from "rxjs";
import { bytesOf } from "./bytes.ts";
import { OverflowError } from "./overflow-error.ts";
import type { QueueRules } from "./queue-options.ts";

/** Stands between a source, which cannot be told to wait, and a writer, which waits. */
export interface Outbox extends Observer<unknown> {
  /** A value came from the source. */
  next(value: unknown): void;
  /** The source is complete. The writer is closed behind what is queued. */
  complete(): void;
  /** The source has failed. The writer is closed with its error behind what is queued. */
  error(reason: unknown): void;
  /** Ends it at once, and what is queued is lost. Where it has ended already, this changes nothing. */
  fail(reason: unknown): void;
  /** A write would fail from now on: ends it with what it would fail with. */
  refuse(): void;
}

/** Bytes that wait to be written. */
interface Entry {
  readonly bytes: Uint8Array;
  next: Entry | undefined;
}

/**
 * The bounded queue of one subscription to `writeTo()`. It knows no source: that is left when `subscriber` is told of an
 * error. `subscriber` gets the bytes accepted so far.
 */
export function createOutbox(writer: Writer, rules: QueueRules, subscriber: Subscriber<number>): Outbox {
  const { maxBytes, overflow, onDrop, transfer } = rules;
  // The entry that is being written, and the last of those that wait behind it, if there are any.
  let first: Entry | undefined;
  let last: Entry | undefined;
  let queuedBytes = 0; // Of all entries.
  let acceptedBytes = 0;
  let isFinishing = false; // The writer is closed by its own finish(), which says what becomes of it.
  let finish: (() => void) | undefined; // Hands the source's end on. Set when it has ended.

  function next(value: unknown): void {
    try {
      const bytes = bytesOf(value, "write");
      let bytesDropped = makeRoom(bytes.length);
      if (queuedBytes + bytes.length <= maxBytes) send(bytes);
      else bytesDropped += bytes.length;
      if (bytesDropped > 0) onDrop(bytesDropped);
    } catch (reason) {
      fail(reason);
    }
  }

  /** Drops what has to go so that so many bytes can be queued, and returns how many bytes that were. */
  function makeRoom(length: number): number {
    const before = queuedBytes;
    if (before + length <= maxBytes) return 0;
    if (overflow === "error") {
      throw new OverflowError(
        `Cannot queue ${length} bytes: ${before} of at most ${maxBytes} wait; raise maxBytes or choose overflow drop-newest or drop-oldest`,
      );
    }
    // The first entry may be in the pipe in part, so it stays; where that leaves no room, dropping others is in vain.
    if (overflow === "drop-oldest" && first !== undefined && first.bytes.length + length <= maxBytes) {
      while (first.next !== undefined && queuedBytes + length > maxBytes) {
        queuedBytes -= first.next.bytes.length;
        first.next = first.next.next;
      }
      if (first.next === undefined) last = first;
    }
    return before - queuedBytes;
  }

  /** Writes what is accepted at once, and queues the rest. */
  function send(bytes: Uint8Array): void {
    // Of an array that was given away a part would be taken, and it is worth more whole.
    const accepted = transfer || first !== undefined ? 0 : (writer.tryWrite?.(bytes) ?? 0);
    if (accepted === bytes.length) return tell(accepted);
    new ForeignCount("write").check(accepted, bytes.length);
    acceptedBytes += accepted;
    const entry = { bytes: transfer ? bytes : new Uint8Array(bytes.subarray(accepted)), next: undefined };
    queuedBytes += entry.bytes.length;
    if (last === undefined) {
      first = last = entry;
      void write();
    } else {
      last = last.next = entry;
    }
  }

  /** Writes one entry after the other until none is left. Never rejects. */
  async function write(): Promise<void> {
    try {
      for (let entry = first; entry !== undefined; entry = first = entry.next) {
        await writeWhole(writer, entry.bytes, { transfer });
        queuedBytes -= entry.bytes.length;
        tell(entry.bytes.length);
      }
      last = undefined;
      finish?.();
    } catch (reason) {
      fail(reason);
    }
  }

  function tell(accepted: number): void {
    acceptedBytes += accepted;
    subscriber.next(acceptedBytes);
  }

  function end(how: () => void): void {
    finish = how;
    if (first === undefined) how();
  }

  function complete(): void {
    end(() => {
      if (writer.finish !== undefined) {
        isFinishing = true;
        void finishSink();
        return;
      }
      writer.close();
      subscriber.complete();
    });
  }

  /** Completes once the sink has finished. Its error is also told where the subscriber has left: it would reach no one else. */
  async function finishSink(): Promise<void> {
    try {
      await writer.finish?.();
      subscriber.complete();
    } catch (reason) {
      if (subscriber.closed) throw reason; // Unhandled on purpose.
      subscriber.error(reason);
    }
  }

  function error(reason: unknown): void {
    end(() => fail(reason));
  }

  function fail(reason: unknown): void {
    writer.closeWithError(reason);
    subscriber.error(reason);
  }

  function refuse(): void {
    if (!isFinishing) writer.write(new Uint8Array(0)).catch(fail);
  }

  return { next, complete, error, fail, refuse };
}
