import type { Case } from "../case.ts";
import { expectSame } from "../expectations.ts";

const nothing = new Uint8Array(0);

const missing = (end: string): Promise<never> => Promise.reject(new Error(`The ${end} has no closed`));

/** An end with no pending operation: `closed` resolves when the other side ends, and later operations settle accordingly. */
export const idle: readonly Case[] = [
  {
    title:
      "Reader.closed resolves at the end while no read waits; reads of 0 bytes and of 1 then resolve with null [PIPE-009] [PIPE-027]",
    needs: ["closedPromise"],
    async run(trial) {
      const { reader, writer } = await trial.open();
      const { closed = missing("reader") } = reader;
      await trial.expectWaiting("Reader.closed", closed);
      writer.close();
      await trial.soon(closed);
      expectSame("A read of 0 bytes", await trial.soon(reader.read(nothing)), null);
      expectSame("A read of 1 byte", await trial.soon(reader.read(new Uint8Array(1))), null);
      expectSame("A later read of 0 bytes", await trial.soon(reader.read(nothing)), null);
    },
  },
  {
    title:
      "Reader.closed resolves at an error while no read waits; reads of 0 bytes and of 1 then reject [PIPE-009] [PIPE-022]",
    needs: ["closedPromise"],
    async run(trial) {
      const { reader, writer } = await trial.open();
      const { closed = missing("reader") } = reader;
      await trial.expectWaiting("Reader.closed", closed);
      writer.closeWithError(new Error("the disk is full"));
      await trial.soon(closed);
      for (const length of [0, 1, 0]) {
        await trial.rejection(`A read of ${length}`, reader.read(new Uint8Array(length)));
      }
    },
  },
  {
    title:
      "Writer.closed resolves when the reader closes and no write waits; writes of 0 bytes and of 1 then reject [PIPE-008] [PIPE-024]",
    needs: ["closedPromise"],
    async run(trial) {
      const { reader, writer } = await trial.open();
      const { closed = missing("writer") } = writer;
      await trial.expectWaiting("Writer.closed", closed);
      reader.closeWithError(new Error("no longer wanted"));
      await trial.soon(closed);
      for (const length of [0, 1, 0]) {
        await trial.rejection(`A write of ${length}`, writer.write(new Uint8Array(length)));
      }
    },
  },
];
