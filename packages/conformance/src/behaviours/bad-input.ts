import { joined, sequence } from "../bytes.ts";
import type { Case } from "../case.ts";
import { expectList, expectSame, expectTypeError } from "../expectations.ts";
import { platform } from "../platform.ts";

const noBytes: ReadonlyArray<readonly [string, unknown]> = [
  ["a string", "hello"],
  ["a number", 42],
  ["undefined", undefined],
  ["null", null],
  ["a plain array", [1, 2, 3]],
  ["an ArrayBuffer", new ArrayBuffer(3)],
  ["a DataView", new DataView(new ArrayBuffer(3))],
  ["a Uint16Array", new Uint16Array(3)],
];

/** A value that is not a `Uint8Array` is rejected; a `Uint8Array` is accepted over any kind of memory. */
export const badInput: readonly Case[] = [
  {
    title:
      "Writer.write() rejects with a TypeError when its argument is not a Uint8Array, and accepts nothing [PIPE-060]",
    async run(trial) {
      for (const [name, value] of noBytes) {
        const { reader, writer } = await trial.open();
        const writing = writer.write(value as Uint8Array);
        expectTypeError(`A write of ${name}`, await trial.rejection(`A write of ${name}`, writing));
        trial.watch(writer.write(sequence(5)));
        writer.close();
        expectList(`What was read after ${name}`, await trial.drain(reader), sequence(5));
      }
    },
  },
  {
    title:
      "Reader.read() rejects with a TypeError when its argument is not a Uint8Array, and consumes nothing [PIPE-060]",
    async run(trial) {
      for (const [name, value] of noBytes) {
        const { reader, writer } = await trial.open();
        trial.watch(writer.write(sequence(5)));
        await trial.settle();
        const reading = reader.read(value as Uint8Array);
        expectTypeError(`A read into ${name}`, await trial.rejection(`A read into ${name}`, reading));
        writer.close();
        expectList(`What was read after ${name}`, await trial.drain(reader), sequence(5));
      }
    },
  },
  {
    title:
      "An operation rejects with a TypeError when its signal is not an AbortSignal, and moves nothing [PIPE-060]",
    needs: ["signal"],
    async run(trial) {
      for (const value of [null, {}, "stop"]) {
        const { reader, writer } = await trial.open();
        trial.watch(writer.write(sequence(5)));
        await trial.settle();
        const signal = value as unknown as AbortSignal;
        expectTypeError(
          "A write",
          await trial.rejection("A write", writer.write(sequence(5, 5), { signal })),
        );
        expectTypeError(
          "A read",
          await trial.rejection("A read", reader.read(new Uint8Array(5), { signal })),
        );
        writer.close();
        expectList("What was moved", await trial.drain(reader), sequence(5));
      }
    },
  },
  {
    title: "An operation rejects with a TypeError when its array was detached before the call [PIPE-061]",
    async run(trial) {
      const { reader, writer } = await trial.open();
      trial.watch(writer.write(sequence(5)));
      await trial.settle();
      expectTypeError("A write", await trial.rejection("A write", writer.write(detached(sequence(5)))));
      expectTypeError("A read", await trial.rejection("A read", reader.read(detached(new Uint8Array(5)))));
      writer.close();
      expectList("What was moved", await trial.drain(reader), sequence(5));
    },
  },
  {
    title:
      "A write rejects with a TypeError when its array is detached while it waits, and later writes go on [PIPE-061]",
    needs: ["detachedArrays", "hardCap", "concurrentWrites"],
    async run(trial) {
      const { reader, writer } = await trial.open();
      const bytes = sequence(1033);
      const first = writer.write(bytes);
      const second = writer.write(new Uint8Array(100).fill(2));
      for (const write of [first, second]) trial.watch(write);
      await trial.settle();
      detached(bytes);
      writer.close();
      const received = await trial.drain(reader);
      expectTypeError("The write", await trial.rejection("The write", first));
      expectList("What was read", received, joined([sequence(512), new Uint8Array(100).fill(2)]));
      expectSame("The write behind it", await trial.soon(second), 100);
    },
  },
  {
    title:
      "A read rejects with a TypeError when its array is detached while it waits, and the next gets the bytes [PIPE-061]",
    needs: ["detachedArrays"],
    async run(trial) {
      const { reader, writer } = await trial.open();
      const into = new Uint8Array(10);
      const waiting = reader.read(into);
      await trial.expectWaiting("A read of nothing", waiting);
      detached(into);
      trial.watch(writer.write(sequence(5)));
      expectTypeError("The read", await trial.rejection("The read", waiting));
      expectList("The next read", (await trial.take(reader, 10)) ?? [], sequence(5));
    },
  },
  {
    title: "Arrays over shared, resizable and WebAssembly memory work for writes and for reads [PIPE-062]",
    needs: ["anyMemory"],
    async run(trial) {
      const Resizable = ArrayBuffer as new (
        length: number,
        options: { maxByteLength: number },
      ) => ArrayBuffer;
      const memories: ReadonlyArray<readonly [string, () => ArrayBufferLike]> = [
        // A page that is not cross-origin isolated has no shared memory.
        ...("SharedArrayBuffer" in globalThis ? [["shared", () => new SharedArrayBuffer(700)] as const] : []),
        ["resizable", () => new Resizable(700, { maxByteLength: 1400 })],
        ["WebAssembly", () => new platform.WebAssembly.Memory({ initial: 1 }).buffer],
      ];
      for (const [name, allocate] of memories) {
        const { reader, writer } = await trial.open();
        const bytes = new Uint8Array(allocate(), 100, 400);
        bytes.set(sequence(400));
        trial.watch(writer.write(bytes));
        await trial.settle();
        const into = new Uint8Array(allocate(), 50, 500);
        expectSame(`A read into ${name} memory`, await trial.soon(reader.read(into)), 400);
        expectList(`What was read from ${name} memory`, into.subarray(0, 400), sequence(400));
      }
    },
  },
];

/** Detaches the buffer of `bytes`, as transferring it to a worker does. */
function detached(bytes: Uint8Array<ArrayBuffer>): Uint8Array {
  platform.structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
  return bytes;
}
