import { sequence } from "../bytes.ts";
import type { Case } from "../case.ts";
import type { Reader, Writer } from "../ends.ts";
import { expectList, expectProperties, expectSame, thrownBy } from "../expectations.ts";
import { platform } from "../platform.ts";
import type { Trial, Watched } from "../trial.ts";

const closedBy = (side: "reader" | "writer"): Record<string, unknown> => ({ code: "ERR_CLOSED_PIPE", side });

/** How many ends are lost: an engine that scans the stack conservatively may keep some of them alive. */
const LONELY = 8;

/**
 * Collects garbage until one of `watched` settles.
 *
 * @throws {Error} If the first to settle fulfils, or none settles.
 */
async function theFirstToReject<T>(
  trial: Trial,
  what: string,
  watched: ReadonlyArray<Watched<T>>,
): Promise<Watched<T>> {
  for (let round = 0; round < 30; round++) {
    platform.gc?.();
    await trial.settle(2);
    const settled = watched.find(({ state }) => state !== "pending");
    if (settled !== undefined) {
      expectSame(`The first of the ${what} to settle`, settled.state, "rejected");
      return settled;
    }
  }
  throw new Error(`Expected one of ${watched.length} ${what} to reject, and all of them wait`);
}

// Each function opens a target and returns one end, so that the case holds no reference to the other.

async function lonelyReader(trial: Trial): Promise<Reader> {
  const { reader, writer } = await trial.openUnheld();
  trial.watch(writer.write(sequence(300)));
  return reader;
}

async function lonelyWriter(trial: Trial): Promise<Writer> {
  return (await trial.openUnheld()).writer;
}

/** How a stream ends: no byte is lost, no operation hangs, and both ends are notified. */
export const close: readonly Case[] = [
  {
    title:
      "Writer.close() lets the writes already issued go on; then every read resolves with null [PIPE-020]",
    async run(trial) {
      for (const size of [5, 512, 1033]) {
        const { reader, writer } = await trial.open();
        const writing = writer.write(sequence(size));
        trial.watch(writing);
        writer.close();
        expectList(`A write of ${size}, then close()`, await trial.drain(reader, 100), sequence(size));
        expectSame("What write() resolves with", await trial.soon(writing), size);
        for (let again = 0; again < 3; again++) {
          expectSame("A read after the end", await trial.soon(reader.read(new Uint8Array(1))), null);
        }
      }
    },
  },
  {
    title: "Writer.close() resolves the waiting reads with null [PIPE-020] [PIPE-027]",
    async run(trial) {
      const { reader, writer } = await trial.open();
      const reading = reader.read(new Uint8Array(5));
      await trial.expectWaiting("A read of nothing", reading);
      writer.close();
      expectSame("The read", await trial.soon(reading), null);
    },
  },
  {
    title: "Writer.write() rejects after Writer.close(), and none of its bytes are accepted [PIPE-021]",
    async run(trial) {
      const { reader, writer } = await trial.open();
      trial.watch(writer.write(sequence(10)));
      writer.close();
      await trial.rejection("A write after close()", writer.write(sequence(10, 10)));
      expectList("What was read", await trial.drain(reader), sequence(10));
    },
  },
  {
    title: "Writer.write() of 0 bytes rejects on a closed target, like any write [PIPE-008]",
    async run(trial) {
      for (const side of ["reader", "writer"] as const) {
        const ends = await trial.open();
        ends[side].close();
        await trial.rejection(`After ${side}.close()`, ends.writer.write(new Uint8Array(0)));
      }
    },
  },
  {
    title: "Reader.close() rejects the pending writes, and every later one from the first on [PIPE-023]",
    async run(trial) {
      const { reader, writer } = await trial.open();
      const { blocked: waiting } = await trial.block(writer);
      reader.close();
      await trial.rejection("The write in flight", waiting);
      await trial.rejection("The next write", writer.write(sequence(1)));
      const idle = await trial.open();
      idle.reader.close();
      await trial.rejection("The first write", idle.writer.write(sequence(1)));
    },
  },
  {
    title: "Reader.close() rejects the reader's own reads, both waiting and later ones [PIPE-023]",
    async run(trial) {
      const { reader } = await trial.open();
      const waiting = reader.read(new Uint8Array(5));
      await trial.expectWaiting("A read of nothing", waiting);
      reader.close();
      await trial.rejection("The read that waited", waiting);
      await trial.rejection("A later read", reader.read(new Uint8Array(5)));
    },
  },
  {
    title: "Reader.close() and Writer.close() never throw, and a later close changes nothing [PIPE-025]",
    async run(trial) {
      const { reader, writer } = await trial.open();
      trial.watch(writer.write(sequence(10)));
      for (const end of [writer, writer, reader, reader, writer])
        expectSame("close()", end.close(), undefined);
      for (const end of [writer, reader]) {
        expectSame("closeWithError()", end.closeWithError(new Error("late")), undefined);
      }
      const ended = await trial.open();
      trial.watch(ended.writer.write(sequence(10)));
      ended.writer.close();
      ended.writer.closeWithError(new Error("late"));
      expectList("What was read", await trial.drain(ended.reader), sequence(10));
    },
  },
  {
    title: "No operation stays pending after a close that ends it [PIPE-027]",
    needs: ["concurrentReads", "concurrentWrites"],
    async run(trial) {
      for (const side of ["reader", "writer"] as const) {
        for (const way of ["close", "closeWithError"] as const) {
          const empty = await trial.open();
          const reads = [5, 5, 5].map((size) => trial.watch(empty.reader.read(new Uint8Array(size))));
          empty[side][way](new Error("over"));
          await giveTime(trial, reads);
          expectList(`Reads that hang after ${side}.${way}()`, hanging(reads), []);
          if (side === "writer" && way === "close") continue;
          const full = await trial.open();
          const { blocked } = await trial.block(full.writer);
          const waiting = [blocked, full.writer.write(sequence(5)), full.writer.write(sequence(5))];
          const writes = waiting.map((write) => trial.watch(write));
          await trial.settle();
          full[side][way](new Error("over"));
          await giveTime(trial, writes);
          expectList(`Writes that hang after ${side}.${way}()`, hanging(writes), []);
        }
      }
    },
  },
  {
    title:
      "Operations on a closed target reject with an error that names the side, the operation and the bytes accepted [PIPE-028]",
    needs: ["closedPipeErrors", "hardCap"],
    async run(trial) {
      const { reader, writer } = await trial.open();
      const writing = writer.write(sequence(1033));
      trial.watch(writing);
      await trial.settle();
      reader.close();
      const first = await trial.rejection("The write in flight", writing);
      expectProperties("Its error", first, { ...closedBy("reader"), operation: "write", bytesWritten: 512 });
      if (!/1033.*reader.*512/.test(String(first))) {
        throw new Error(`Expected a message with 1033, reader and 512 in it, got ${String(first)}`);
      }
      const second = await trial.rejection("The next write", writer.write(sequence(1)));
      expectProperties("Its error", second, { ...closedBy("reader"), bytesWritten: 0 });
      expectSame("Whether both errors are the same object", first === second, false);
      const own = await trial.rejection("A read", reader.read(new Uint8Array(1)));
      expectProperties("Its error", own, { ...closedBy("reader"), operation: "read" });
    },
  },
  {
    title:
      "A new operation rejects with the close of its own side, even if the other side closed first [PIPE-026]",
    needs: ["closedPipeErrors"],
    async run(trial) {
      for (const first of ["reader", "writer"] as const) {
        const { reader, writer } = await trial.open();
        if (first === "reader") reader.closeWithError(new Error("by the reader"));
        writer.closeWithError(new Error("by the writer"));
        if (first === "writer") reader.closeWithError(new Error("by the reader"));
        const write = await trial.rejection("A write", writer.write(sequence(1)));
        expectProperties(`A write, the ${first} closed first`, write, closedBy("writer"));
        const read = await trial.rejection("A read", reader.read(new Uint8Array(1)));
        expectProperties(`A read, the ${first} closed first`, read, closedBy("reader"));
      }
    },
  },
  {
    title:
      "Writer.tryWrite() and Reader.tryRead() throw what write() and read() would reject with [PIPE-010]",
    needs: ["tryOperations", "closedPipeErrors", "errorIdentity"],
    async run(trial) {
      const error = new Error("no more");
      const own = await trial.open();
      own.writer.close();
      own.reader.close();
      const write = thrownBy("tryWrite()", () => own.writer.tryWrite?.(sequence(1)));
      expectProperties("tryWrite()", write, closedBy("writer"));
      const read = thrownBy("tryRead()", () => own.reader.tryRead?.(new Uint8Array(1)));
      expectProperties("tryRead()", read, closedBy("reader"));
      const left = await trial.open();
      left.reader.closeWithError(error);
      expectSame(
        "tryWrite()",
        thrownBy("tryWrite()", () => left.writer.tryWrite?.(sequence(1))),
        error,
      );
      const failed = await trial.open();
      failed.writer.closeWithError(error);
      expectSame(
        "tryRead()",
        thrownBy("tryRead()", () => failed.reader.tryRead?.(new Uint8Array(1))),
        error,
      );
    },
  },
  {
    title:
      "Writer.closed and Reader.closed resolve as soon as no more bytes can move, and never reject [PIPE-027]",
    needs: ["closedPromise", "drainThenError"],
    async run(trial) {
      for (const side of ["reader", "writer"] as const) {
        for (const way of ["close", "closeWithError"] as const) {
          const ends = await trial.open();
          const { closed = Promise.reject(new Error("The writer has no closed")) } = ends.writer;
          await trial.expectWaiting("Writer.closed", closed);
          ends[side][way](new Error("over"));
          expectSame(`Writer.closed after ${side}.${way}()`, await trial.soon(closed), undefined);
        }
      }
      const { reader, writer } = await trial.open();
      const { closed = Promise.reject(new Error("The reader has no closed")) } = reader;
      await trial.soon(writer.write(sequence(300)));
      writer.closeWithError(new Error("over"));
      await trial.collect(reader, 299);
      await trial.expectWaiting("Reader.closed with one byte left", closed);
      await trial.collect(reader, 1);
      expectSame("Reader.closed", await trial.soon(closed), undefined);
    },
  },
  {
    title:
      "A waiting end gets the accepted bytes, then rejects once the other was garbage-collected [PIPE-029]",
    needs: ["abandonment"],
    collectsGarbage: true,
    async run(trial) {
      const reads: Array<Watched<unknown>> = [];
      for (let count = 0; count < LONELY; count++) {
        const reader = await lonelyReader(trial);
        expectList("What was accepted", await trial.collect(reader, 300), sequence(300));
        reads.push(trial.watch(reader.read(new Uint8Array(1))));
      }
      const { reason: readError } = await theFirstToReject(trial, "reads", reads);
      expectProperties("A read's error", readError, { code: "ERR_ABANDONED_PIPE", side: "writer" });
      const writes: Array<Watched<unknown>> = [];
      for (let count = 0; count < LONELY; count++) {
        const { blocked } = await trial.block(await lonelyWriter(trial));
        writes.push(trial.watch(blocked));
      }
      const { reason: writeError } = await theFirstToReject(trial, "writes", writes);
      expectProperties("A write's error", writeError, { code: "ERR_ABANDONED_PIPE", side: "reader" });
    },
  },
];

/** The indices of the promises that are still pending. */
function hanging(watched: ReadonlyArray<{ readonly state: string }>): number[] {
  return watched.flatMap(({ state }, index) => (state === "pending" ? [index] : []));
}

/**
 * Waits until calls that a close should end have settled. One round is enough on an idle machine, but a thread may be slow on a busy one. Only
 * calls that hang take all rounds.
 */
async function giveTime(trial: Trial, calls: ReadonlyArray<Watched<unknown>>): Promise<void> {
  for (let left = 20; left > 0 && hanging(calls).length > 0; left -= 1) await trial.settle();
}
