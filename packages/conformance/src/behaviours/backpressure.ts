import { joined, sequence } from "../bytes.ts";
import type { Case } from "../case.ts";
import { expectList, expectSame } from "../expectations.ts";

/** A writer that is faster than the reader waits: at most 512 bytes lie between the two ends. */
export const backpressure: readonly Case[] = [
  {
    title: "Writer.write() of up to 512 bytes resolves while nothing is read [PIPE-003]",
    async run(trial) {
      for (const size of [1, 511, 512]) {
        const { writer } = await trial.open();
        expectSame(`A write of ${size}`, await trial.soon(writer.write(sequence(size))), size);
      }
    },
  },
  {
    title: "Writer.write() waits after at most 1 MiB while nothing is read [PIPE-003]",
    async run(trial) {
      const { writer } = await trial.open();
      await trial.block(writer);
    },
  },
  {
    title: "A waiting write resolves once reads have made room, and not before [PIPE-003]",
    needs: ["hardCap"],
    async run(trial) {
      const { reader, writer } = await trial.open();
      const writing = writer.write(sequence(1033));
      const head = await trial.collect(reader, 520);
      await trial.expectWaiting("A write with 513 bytes left", writing);
      const next = await trial.collect(reader, 1);
      expectSame("The write", await trial.soon(writing), 1033);
      const tail = await trial.collect(reader, 512);
      expectList("What was read", joined([head, next, tail]), sequence(1033));
    },
  },
  {
    title: "Writer.write() of more than 512 bytes waits while nothing is read [PIPE-002] [PIPE-003]",
    needs: ["hardCap"],
    async run(trial) {
      for (const size of [513, 1033, 70_000]) {
        const { writer } = await trial.open();
        await trial.expectWaiting(`A write of ${size}`, writer.write(sequence(size)));
      }
    },
  },
  {
    title: "Writer.write() accepts 512 single bytes, and waits with the next one [PIPE-002]",
    needs: ["hardCap"],
    async run(trial) {
      const { reader, writer } = await trial.open();
      for (let at = 0; at < 512; at++) await trial.soon(writer.write(sequence(1, at)));
      await trial.expectWaiting("The byte after 512", writer.write(sequence(1, 512)));
      expectList("What was read", await trial.collect(reader, 513), sequence(513));
    },
  },
  {
    title: "Writer.write() accepts as many bytes as were read from a full target [PIPE-002]",
    needs: ["hardCap"],
    async run(trial) {
      const { reader, writer } = await trial.open();
      await trial.soon(writer.write(sequence(512)));
      let at = 0;
      for (const size of [1, 511, 100, 300]) {
        expectList(`The read at ${at}`, await trial.collect(reader, size), sequence(size, at));
        await trial.soon(writer.write(sequence(size, 512 + at)));
        at += size;
      }
      await trial.expectWaiting("One byte more", writer.write(sequence(1)));
    },
  },
  {
    title: "Writer.write() resolves for the first five of twenty writes of 100 bytes [PIPE-002] [PIPE-003]",
    needs: ["hardCap", "concurrentWrites"],
    async run(trial) {
      const { writer } = await trial.open();
      const writes = Array.from({ length: 20 }, () => trial.watch(writer.write(sequence(100))));
      await trial.settle();
      const states = writes.map(({ state }) => state);
      expectList("The writes", states, Array(20).fill("pending").fill("fulfilled", 0, 5));
    },
  },
  {
    title:
      "Writer.write() is at most 512 bytes ahead of the reader, and `progress` counts what it has accepted [PIPE-002] [PIPE-015]",
    needs: ["hardCap", "progress"],
    async run(trial) {
      const { reader, writer } = await trial.open();
      const progress = { bytes: 0 };
      const writing = writer.write(sequence(20_000), { progress });
      trial.watch(writing);
      await trial.settle();
      expectSame("Bytes accepted while nothing is read", progress.bytes, 512);
      for (let read = 0, size = 1; read < 20_000; size = (size * 2) % 1033 || 1) {
        read += (await trial.take(reader, size))?.length ?? 0;
        if (progress.bytes - read <= 512 && progress.bytes >= read) continue;
        throw new Error(`Expected at most 512 bytes in between: ${progress.bytes} accepted, ${read} read`);
      }
      expectSame("What write() resolves with", await trial.soon(writing), 20_000);
      expectSame("The bytes it counts", progress.bytes, 20_000);
    },
  },
  {
    title: "Writer.tryWrite() accepts what fits now, and nothing while a write waits [PIPE-010]",
    needs: ["tryOperations", "hardCap"],
    async run(trial) {
      const { reader, writer } = await trial.open();
      expectSame("500 bytes", writer.tryWrite?.(sequence(500)), 500);
      expectSame("500 more", writer.tryWrite?.(sequence(500, 500)), 12);
      expectSame("1 more", writer.tryWrite?.(sequence(1)), 0);
      const waiting = trial.watch(writer.write(sequence(2000, 512)));
      const head = await trial.collect(reader, 600);
      expectSame("1 byte while a write waits", writer.tryWrite?.(sequence(1)), 0);
      const tail = await trial.collect(reader, 1912);
      expectList("What was read", joined([head, tail]), sequence(2512));
      await trial.settle();
      expectSame("What write() resolves with", waiting.value, 2000);
    },
  },
  {
    title:
      "Reader.tryRead() returns the bytes that are there, 0 where a read would wait, and null at the end [PIPE-010]",
    needs: ["tryOperations"],
    async run(trial) {
      const { reader, writer } = await trial.open();
      const into = new Uint8Array(1033);
      expectSame("On an empty stream", reader.tryRead?.(into), 0);
      await trial.soon(writer.write(sequence(300)));
      expectSame("With 300 bytes there", reader.tryRead?.(into), 300);
      expectList("What was read", into.subarray(0, 300), sequence(300));
      const waiting = reader.read(new Uint8Array(4));
      expectSame("While a read waits", reader.tryRead?.(into), 0);
      trial.watch(writer.write(sequence(2)));
      expectSame("The read that waited", await trial.soon(waiting), 2);
      writer.close();
      await trial.settle();
      expectSame("At the end", reader.tryRead?.(into), null);
    },
  },
];
