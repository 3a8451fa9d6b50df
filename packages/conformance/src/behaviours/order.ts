import { awkwardSizes, joined, sequence } from "../bytes.ts";
import type { Case } from "../case.ts";
import { expectList, expectSame } from "../expectations.ts";

/** Every byte that is written is read once and in order, into the arrays that the caller passes. */
export const order: readonly Case[] = [
  {
    title: "Reader.read() gets every byte once and in order, for all sizes of writes and reads [PIPE-001]",
    async run(trial) {
      for (const writeSize of awkwardSizes) {
        for (const readSize of awkwardSizes) {
          const what = `Writes of ${writeSize}, reads of ${readSize}`;
          const { reader, writer } = await trial.open();
          const feeding = trial.feed(writer, writeSize * 3, writeSize);
          expectList(what, await trial.drain(reader, readSize), sequence(writeSize * 3));
          expectSame(what, await trial.soon(feeding), writeSize * 3);
        }
      }
    },
  },
  {
    title: "Reader.read() gets every byte once and in order when reads double in size from 1 [PIPE-001]",
    async run(trial) {
      const { reader, writer } = await trial.open();
      const feeding = trial.feed(writer, 1033 * 8, 1033);
      const parts: Uint8Array[] = [];
      for (let size = 1; ; size = size < 2048 ? size * 2 : 1) {
        const part = await trial.take(reader, size);
        if (part === null) break;
        parts.push(part);
      }
      expectList("What was read", joined(parts), sequence(1033 * 8));
      await trial.soon(feeding);
    },
  },
  {
    title: "Writer.write() resolves with the length of its array [PIPE-003]",
    async run(trial) {
      for (const size of awkwardSizes) {
        const { reader, writer } = await trial.open();
        const writing = writer.write(sequence(size));
        trial.watch(writing);
        await trial.collect(reader, size);
        expectSame("What write() resolves with", await trial.soon(writing), size);
      }
    },
  },
  {
    title:
      "Reader.read() resolves with the bytes that are there, and does not wait for a full array [PIPE-005]",
    async run(trial) {
      const { reader, writer } = await trial.open();
      trial.watch(writer.write(sequence(10)));
      await trial.settle();
      expectList("A read after a write", (await trial.take(reader, 1033)) ?? [], sequence(10));
      const waiting = reader.read(new Uint8Array(1033));
      await trial.expectWaiting("A read of nothing", waiting);
      trial.watch(writer.write(sequence(1)));
      expectSame("A read before a write", await trial.soon(waiting), 1);
    },
  },
  {
    title: "Reader.read() gets one write in many reads [PIPE-005]",
    async run(trial) {
      const { reader, writer } = await trial.open();
      trial.watch(writer.write(sequence(400)));
      for (let at = 0, size = 1; at + size <= 400; at += size, size *= 2) {
        expectList(`The read at ${at}`, (await trial.take(reader, size)) ?? [], sequence(size, at));
      }
    },
  },
  {
    title: "Reader.read() gets the bytes of several writes in one read [PIPE-005]",
    needs: ["spanningReads"],
    async run(trial) {
      const { reader, writer } = await trial.open();
      for (const [size, start] of [
        [10, 0],
        [1, 10],
        [200, 11],
      ] as const) {
        trial.watch(writer.write(sequence(size, start)));
        await trial.settle();
      }
      expectList("One read after three writes", (await trial.take(reader, 1033)) ?? [], sequence(211));
    },
  },
  {
    title: "Reader.read() changes only those bytes of the caller's array that it counts [PIPE-005]",
    async run(trial) {
      const { reader, writer } = await trial.open();
      const whole = new Uint8Array(30).fill(7);
      const reading = reader.read(whole.subarray(10, 20));
      trial.watch(reading);
      trial.watch(writer.write(new Uint8Array(5).fill(9)));
      expectSame("The count", await trial.soon(reading), 5);
      expectList("The array around what was read", whole, new Uint8Array(30).fill(7).fill(9, 10, 15));
    },
  },
  {
    title: "The array of a write can be reused once the write has resolved [PIPE-004]",
    needs: ["copies"],
    async run(trial) {
      for (const size of [1, 33, 511]) {
        const { reader, writer } = await trial.open();
        const bytes = sequence(size);
        await trial.soon(writer.write(bytes));
        bytes.fill(0xff);
        expectList(`A write of ${size}`, await trial.collect(reader, size), sequence(size));
      }
    },
  },
  {
    title: "The array of a write that waited can be reused once the write has resolved [PIPE-004]",
    needs: ["copies"],
    async run(trial) {
      const { reader, writer } = await trial.open();
      const bytes = sequence(1033);
      const reused = writer.write(bytes).then(() => bytes.fill(0xff));
      trial.watch(reused);
      const head = await trial.collect(reader, 521);
      await trial.soon(reused);
      expectList("What was read", joined([head, await trial.collect(reader, 512)]), sequence(1033));
    },
  },
  {
    title: "Writer.write() of 0 bytes resolves with 0 and wakes no read [PIPE-008]",
    async run(trial) {
      const { reader, writer } = await trial.open();
      expectSame("A write of 0 bytes", await trial.soon(writer.write(new Uint8Array(0))), 0);
      const reading = reader.read(new Uint8Array(5));
      expectSame("A write of 0 bytes", await trial.soon(writer.write(new Uint8Array(0))), 0);
      await trial.expectWaiting("The read", reading);
    },
  },
  {
    title:
      "Reader.read() into 0 bytes resolves with 0 before the end of the stream, and with null after it [PIPE-009]",
    async run(trial) {
      const { reader, writer } = await trial.open();
      const nothing = new Uint8Array(0);
      expectSame("On an empty stream", await trial.soon(reader.read(nothing)), 0);
      trial.watch(writer.write(sequence(5)));
      await trial.settle();
      expectSame("With bytes there", await trial.soon(reader.read(nothing)), 0);
      expectList("The bytes", (await trial.take(reader, 5)) ?? [], sequence(5));
      writer.close();
      expectSame("At the end", await trial.soon(reader.read(new Uint8Array(1))), null);
      expectSame("After the end", await trial.soon(reader.read(nothing)), null);
    },
  },
  {
    title:
      "Reader.readChunk() resolves with arrays that the caller owns, and with null at the end [PIPE-011] [PIPE-012]",
    needs: ["readChunk", "copies"],
    async run(trial) {
      const { reader, writer } = await trial.open();
      const bytes = sequence(1033);
      const writing = writer.write(bytes);
      trial.watch(writing);
      const chunks: Uint8Array[] = [];
      for (let left = 1033; left > 0; ) {
        const chunk = await trial.takeChunk(reader);
        if (chunk === null) break;
        chunks.push(chunk);
        left -= chunk.length;
      }
      await trial.soon(writing);
      bytes.fill(0xff);
      trial.watch(writer.write(new Uint8Array(512).fill(0xee)));
      await trial.settle();
      expectList("The chunks, after the writer went on", joined(chunks), sequence(1033));
      const rest = await trial.takeChunk(reader, { maxBytes: 10 });
      expectSame("A chunk of at most 10 bytes", rest?.length, 10);
      await trial.collect(reader, 502);
      writer.close();
      expectSame("A chunk at the end", await trial.takeChunk(reader), null);
    },
  },
  {
    title: "Writer.write() with transfer delivers the same memory to a waiting readChunk() [PIPE-011]",
    needs: ["transfer", "readChunk"],
    async run(trial) {
      for (const size of [1, 513, 70_000]) {
        const { reader, writer } = await trial.open();
        const given = sequence(size);
        const reading = trial.takeChunk(reader);
        trial.watch(reading);
        trial.watch(writer.write(given, { transfer: true }));
        const chunk = await reading;
        expectSame(`The memory of a chunk of ${size}`, chunk?.buffer, given.buffer);
        expectList("The chunk", chunk ?? [], sequence(size));
      }
    },
  },
];
