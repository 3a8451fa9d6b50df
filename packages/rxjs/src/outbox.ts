import type { Writer } from "@pipe512/core";
import { ForeignCount, writeWhole } from "@pipe512/core/adapter";
import type { Observer, Subscriber } from "rxjs";
import { bytesOf } from "./bytes.ts";
import { OverflowError } from "./overflow-error.ts";
import type { QueueRules } from "./queue-options.ts";

/** A bounded queue from a source without backpressure to a writer with backpressure. */
export interface Outbox extends Observer<unknown> {
  next(value: unknown): void;
  /** Closes the writer once everything queued is written. */
  complete(): void;
  /** Closes the writer with `reason` once everything queued is written. */
  error(reason: unknown): void;
  /** Closes the writer with `reason` at once and discards the queue. A second call has no effect. */
  fail(reason: unknown): void;
  /** Call this when writes fail from now on. Ends the outbox with the error of such a write. */
  refuse(): void;
}

/** Bytes waiting to be written. */
interface Entry {
  readonly bytes: Uint8Array;
  next: Entry | undefined;
}

/**
 * The bounded queue of one subscription to `writeTo()`. It emits the number of bytes accepted so far to `subscriber`.
 * An error of `subscriber` also unsubscribes the source, so the queue needs no reference to it.
 */
export function createOutbox(writer: Writer, rules: QueueRules, subscriber: Subscriber<number>): Outbox {
  const { maxBytes, overflow, onDrop, transfer } = rules;
  // The entry being written, and the last entry of the queue (the same if only one is left).
  let first: Entry | undefined;
  let last: Entry | undefined;
  let queuedBytes = 0; // Sum over all entries.
  let acceptedBytes = 0;
  let isFinishing = false; // Set while finish() closes the writer; its outcome is then the result.
  let finish: (() => void) | undefined; // Passes on the end of the source. Set when the source has ended.

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

  /** Drops queued entries to make room for `length` bytes, and returns the number of bytes dropped. */
  function makeRoom(length: number): number {
    const before = queuedBytes;
    if (before + length <= maxBytes) return 0;
    if (overflow === "error") {
      throw new OverflowError(
        `Cannot queue ${length} bytes: ${before} of at most ${maxBytes} are queued; raise maxBytes, or set overflow to drop-newest or drop-oldest`,
      );
    }
    // The first entry stays, because part of it may be in the pipe. If it leaves no room, dropping others does not
    // help.
    if (overflow === "drop-oldest" && first !== undefined && first.bytes.length + length <= maxBytes) {
      while (first.next !== undefined && queuedBytes + length > maxBytes) {
        queuedBytes -= first.next.bytes.length;
        first.next = first.next.next;
      }
      if (first.next === undefined) last = first;
    }
    return before - queuedBytes;
  }

  /** Writes the bytes that the writer accepts at once, and queues the rest. */
  function send(bytes: Uint8Array): void {
    // A transferred array is queued whole: tryWrite() could take a part, and the reader would no longer get the array
    // itself.
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

  /** Writes the queued entries in order until the queue is empty. Never rejects. */
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

  /**
   * Completes once the sink has finished. If the subscriber has left, an error becomes an unhandled rejection, so that
   * it is not lost.
   */
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
