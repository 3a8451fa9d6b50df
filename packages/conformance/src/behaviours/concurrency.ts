import { joined, sequence } from "../bytes.ts";
import type { Case } from "../case.ts";
import { expectList, expectSame } from "../expectations.ts";

/** Concurrent calls: each is atomic, and they are served in call order. */
export const concurrency: readonly Case[] = [
  {
    title: "Concurrent writes are accepted in call order and never interleave [PIPE-006]",
    needs: ["concurrentWrites"],
    async run(trial) {
      for (const readSize of [1, 100, 513, 70_000]) {
        const { reader, writer } = await trial.open();
        const sizes = [1033, 1, 512, 20, 3000, 511, 513, 2, 700, 1];
        const settled: number[] = [];
        for (const [index, size] of sizes.entries()) {
          const write = writer.write(new Uint8Array(size).fill(index));
          trial.watch(write.then(() => settled.push(index)));
        }
        writer.close();
        const expected = joined(sizes.map((size, index) => new Uint8Array(size).fill(index)));
        expectList(`Reads of ${readSize}`, await trial.drain(reader, readSize), expected);
        await trial.settle();
        expectList("The order in which the writes resolved", settled, [...sizes.keys()]);
      }
    },
  },
  {
    title: "Concurrent reads are served in call order, and each byte goes to one of them [PIPE-007]",
    needs: ["concurrentReads"],
    async run(trial) {
      const { reader, writer } = await trial.open();
      const arrays = Array.from({ length: 5 }, () => new Uint8Array(3));
      const served: number[] = [];
      for (const [index, into] of arrays.entries()) {
        trial.watch(reader.read(into).then(() => served.push(index)));
      }
      for (let at = 0; at < 15; at += 3) {
        trial.watch(writer.write(sequence(3, at)));
        await trial.settle();
      }
      expectList("The order in which the reads resolved", served, [0, 1, 2, 3, 4]);
      expectList("What they got, in call order", joined(arrays), sequence(15));
    },
  },
  {
    title: "Waiting reads share one large write in call order [PIPE-007]",
    needs: ["concurrentReads"],
    async run(trial) {
      const { reader, writer } = await trial.open();
      const arrays = [1, 511, 2, 1033].map((size) => new Uint8Array(size));
      const reads = arrays.map((into) => trial.watch(reader.read(into)));
      const writing = trial.feed(writer, 4000, 4000);
      await trial.settle();
      const parts = reads.map(({ value }, index) => (arrays[index] ?? sequence(0)).subarray(0, value ?? 0));
      expectSame("Reads that got bytes", parts.filter(({ length }) => length > 0).length, 4);
      parts.push(await trial.drain(reader));
      expectList("What they got, in call order, and the rest", joined(parts), sequence(4000));
      expectSame("The write", await trial.soon(writing), 4000);
    },
  },
  {
    title:
      "Many concurrent writes and reads lose no byte and duplicate none [PIPE-001] [PIPE-006] [PIPE-007]",
    needs: ["concurrentReads", "concurrentWrites"],
    async run(trial) {
      const { reader, writer } = await trial.open();
      const writes = Array.from({ length: 40 }, (_, index) =>
        writer.write(new Uint8Array(1 + ((index * 37) % 900)).fill(index)),
      );
      const expected = joined(writes.map((_, index) => new Uint8Array(1 + ((index * 37) % 900)).fill(index)));
      trial.watch(Promise.all(writes));
      writer.close();
      // Each read reserves its place before it waits, so that the parts are in call order.
      const parts: Uint8Array[] = [];
      const readers = [7, 64, 513].map(async (size) => {
        for (;;) {
          const into = new Uint8Array(size);
          const place = parts.push(into.subarray(0, 0)) - 1;
          const count = await reader.read(into);
          if (count === null) return;
          parts[place] = into.subarray(0, count);
        }
      });
      const all = trial.watch(Promise.all(readers));
      for (let round = 0; round < 100 && all.state === "pending"; round++) await trial.settle();
      expectSame("The readers", all.state, "fulfilled");
      expectList("What they got, in call order", joined(parts), expected);
    },
  },
  {
    title:
      "Code that runs after a write may write and close, and code that runs after a read may read [PIPE-063]",
    async run(trial) {
      const { reader, writer } = await trial.open();
      const writing = writer
        .write(sequence(10))
        .then(() => writer.write(sequence(1000, 10)))
        .then(() => writer.close());
      trial.watch(writing);
      const parts: Uint8Array[] = [];
      const readOn = (): Promise<void> => {
        const into = new Uint8Array(300);
        return reader.read(into).then((count) => {
          if (count === null) return undefined;
          parts.push(into.subarray(0, count));
          return readOn();
        });
      };
      await trial.soon(readOn());
      await trial.soon(writing);
      expectList("What was read", joined(parts), sequence(1010));
    },
  },
  {
    title:
      "Code that runs after an operation may close the target, and the other operations settle [PIPE-063] [PIPE-027]",
    async run(trial) {
      const { reader, writer } = await trial.open();
      const { blocked: first } = await trial.block(writer);
      const closing = reader.read(new Uint8Array(10)).then(() => reader.close());
      await trial.soon(closing);
      await trial.rejection("The write that waits", first);
      const other = await trial.open();
      const reading = other.reader.read(new Uint8Array(10));
      const second = reading.then(() => other.reader.read(new Uint8Array(10)));
      trial.watch(second);
      const written = other.writer.write(sequence(5)).then(() => other.writer.close());
      trial.watch(written);
      expectSame("The first read", await trial.soon(reading), 5);
      expectSame("The read after it", await trial.soon(second), null);
      await trial.soon(written);
    },
  },
];
