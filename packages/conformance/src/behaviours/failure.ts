import { joined, sequence } from "../bytes.ts";
import type { Case } from "../case.ts";
import { expectList, expectProperties, expectSame } from "../expectations.ts";

const falsy: readonly unknown[] = [undefined, null, 0, false, ""];

/** How an error crosses from one side to the other. */
export const failure: readonly Case[] = [
  {
    title: "Writer.closeWithError() rejects the waiting reads and every later one [PIPE-022]",
    async run(trial) {
      const waiting = await trial.open();
      const reading = waiting.reader.read(new Uint8Array(5));
      await trial.expectWaiting("A read of nothing", reading);
      waiting.writer.closeWithError(new Error("the disk is full"));
      await trial.rejection("The read that waited", reading);
      const { reader, writer } = await trial.open();
      writer.closeWithError(new Error("the disk is full"));
      for (let again = 0; again < 3; again++) {
        await trial.rejection("A read", reader.read(new Uint8Array(5)));
      }
    },
  },
  {
    title: "Writer.closeWithError() delivers the accepted bytes before reads reject [PIPE-022]",
    needs: ["drainThenError"],
    async run(trial) {
      const { reader, writer } = await trial.open();
      await trial.soon(writer.write(sequence(300)));
      writer.closeWithError(new Error("the disk is full"));
      await trial.settle();
      const head = await trial.take(reader, 100);
      expectList(
        "What was read",
        joined([head ?? sequence(0), await trial.collect(reader, 200)]),
        sequence(300),
      );
      await trial.rejection("A read after the last byte", reader.read(new Uint8Array(5)));
    },
  },
  {
    title: "Writer.closeWithError() rejects the pending writes and every later one [PIPE-022]",
    async run(trial) {
      const { writer } = await trial.open();
      const { blocked: writing } = await trial.block(writer);
      writer.closeWithError(new Error("the disk is full"));
      await trial.rejection("The write in flight", writing);
      await trial.rejection("A later write", writer.write(sequence(1)));
    },
  },
  {
    title:
      "Writer.closeWithError() rejects the writer's own writes with the code ERR_CLOSED_PIPE [PIPE-022] [PIPE-026]",
    needs: ["closedPipeErrors"],
    async run(trial) {
      const { writer } = await trial.open();
      const { blocked: writing } = await trial.block(writer);
      writer.closeWithError(new Error("the disk is full"));
      const closed = { code: "ERR_CLOSED_PIPE", side: "writer" };
      expectProperties("The write in flight", await trial.rejection("The write", writing), closed);
      const later = await trial.rejection("A later write", writer.write(sequence(1)));
      expectProperties("A later write", later, closed);
    },
  },
  {
    title: "Writer.closeWithError() rejects every read with the same object [PIPE-022]",
    needs: ["errorIdentity"],
    async run(trial) {
      const error = new Error("the disk is full");
      const { reader, writer } = await trial.open();
      const waiting = reader.read(new Uint8Array(5));
      await trial.expectWaiting("A read of nothing", waiting);
      writer.closeWithError(error);
      expectSame("The read that waited", await trial.rejection("The read", waiting), error);
      for (let again = 0; again < 2; again++) {
        const later = await trial.rejection("A later read", reader.read(new Uint8Array(5)));
        expectSame("A later read", later, error);
      }
    },
  },
  {
    title: "Writer.closeWithError() accepts any value as the error, including falsy ones [PIPE-022]",
    needs: ["falsyErrors"],
    async run(trial) {
      for (const value of falsy) {
        const { reader, writer } = await trial.open();
        writer.closeWithError(value);
        expectSame("A read", await trial.rejection("A read", reader.read(new Uint8Array(5))), value);
      }
    },
  },
  {
    title: "Reader.closeWithError() rejects pending and later writes with the same object [PIPE-024]",
    needs: ["errorIdentity"],
    async run(trial) {
      const error = new Error("no longer wanted");
      const { reader, writer } = await trial.open();
      const { blocked: writing } = await trial.block(writer);
      reader.closeWithError(error);
      expectSame("The write in flight", await trial.rejection("The write", writing), error);
      for (let again = 0; again < 2; again++) {
        const later = await trial.rejection("A later write", writer.write(sequence(1)));
        expectSame("A later write", later, error);
      }
    },
  },
  {
    title: "Reader.closeWithError() accepts any value as the error, including falsy ones [PIPE-024]",
    needs: ["falsyErrors"],
    async run(trial) {
      for (const value of falsy) {
        const { reader, writer } = await trial.open();
        reader.closeWithError(value);
        expectSame("A write", await trial.rejection("A write", writer.write(sequence(5))), value);
      }
    },
  },
  {
    title:
      "Reader.closeWithError() and Writer.closeWithError() have an effect only the first time [PIPE-025]",
    needs: ["errorIdentity"],
    async run(trial) {
      const error = new Error("first");
      for (const side of ["reader", "writer"] as const) {
        const ends = await trial.open();
        ends[side].closeWithError(error);
        ends[side].closeWithError(new Error("second"));
        ends[side].close();
        const operation =
          side === "writer" ? ends.reader.read(new Uint8Array(5)) : ends.writer.write(sequence(5));
        expectSame(`After the ${side}'s closes`, await trial.rejection("The other side", operation), error);
      }
    },
  },
];
