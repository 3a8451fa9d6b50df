import { joined, sequence } from "../bytes.ts";
import type { Case } from "../case.ts";
import { expectList, expectSame, expectTypeError } from "../expectations.ts";
import { platform } from "../platform.ts";

const { AbortController, AbortSignal } = platform;

/** A single operation is aborted, and the others are not affected. */
export const cancel: readonly Case[] = [
  {
    title:
      "An operation rejects with its signal's reason when that is aborted before the call, even if it could go on [PIPE-030]",
    needs: ["signal"],
    async run(trial) {
      const reason = { why: "no longer needed" };
      const signal = AbortSignal.abort(reason);
      const { reader, writer } = await trial.open();
      await trial.soon(writer.write(sequence(20)));
      const write = await trial.rejection("A write", writer.write(sequence(20, 20), { signal }));
      expectSame("A write", write, reason);
      const read = await trial.rejection("A read", reader.read(new Uint8Array(20), { signal }));
      expectSame("A read", read, reason);
      writer.close();
      expectList("What was moved", await trial.drain(reader), sequence(20));
    },
  },
  {
    title: "An operation checks its input first, then its signal, then the state of the target [PIPE-030]",
    needs: ["signal"],
    async run(trial) {
      const signal = AbortSignal.abort("stop");
      const { reader, writer } = await trial.open();
      writer.close();
      reader.close();
      const badWrite = writer.write("text" as unknown as Uint8Array, { signal });
      expectTypeError("A write of a string", await trial.rejection("A write", badWrite));
      const badRead = reader.read("text" as unknown as Uint8Array, { signal });
      expectTypeError("A read into a string", await trial.rejection("A read", badRead));
      expectSame("A write", await trial.rejection("A write", writer.write(sequence(1), { signal })), "stop");
      expectSame("A read", await trial.rejection("A read", reader.read(sequence(1), { signal })), "stop");
    },
  },
  {
    title:
      "A waiting write rejects on abort: the bytes that it moved stay, and later writes follow [PIPE-031]",
    needs: ["signal", "hardCap", "concurrentWrites"],
    async run(trial) {
      const { reader, writer } = await trial.open();
      const { signal, abort } = controller();
      const first = writer.write(sequence(1033), { signal });
      const second = writer.write(new Uint8Array(600).fill(2));
      const third = writer.write(new Uint8Array(5).fill(3));
      for (const write of [first, second, third]) trial.watch(write);
      await trial.settle();
      abort("stop");
      expectSame("The aborted write", await trial.rejection("The aborted write", first), "stop");
      writer.close();
      const followers = new Uint8Array(605).fill(2).fill(3, 600);
      expectList("What was read", await trial.drain(reader, 100), joined([sequence(512), followers]));
      expectSame("The second write", await trial.soon(second), 600);
      expectSame("The third write", await trial.soon(third), 5);
    },
  },
  {
    title:
      "A queued write rejects on abort without moving a byte, and the others keep their order [PIPE-031]",
    needs: ["signal", "concurrentWrites"],
    async run(trial) {
      const { reader, writer } = await trial.open();
      const { signal, abort } = controller();
      const { total } = await trial.block(writer);
      const aborted = writer.write(new Uint8Array(1000).fill(2), { signal });
      const last = writer.write(new Uint8Array(10).fill(3));
      for (const write of [aborted, last]) trial.watch(write);
      await trial.settle();
      abort("stop");
      expectSame("The aborted write", await trial.rejection("The aborted write", aborted), "stop");
      writer.close();
      const expected = joined([sequence(total), new Uint8Array(10).fill(3)]);
      expectList("What was read", await trial.drain(reader, 70_000), expected);
      expectSame("The last write", await trial.soon(last), 10);
    },
  },
  {
    title: "A waiting read rejects on abort, and the next one gets the bytes [PIPE-031]",
    needs: ["signal"],
    async run(trial) {
      const { reader, writer } = await trial.open();
      const { signal, abort } = controller();
      const into = new Uint8Array(10);
      const waiting = reader.read(into, { signal });
      await trial.expectWaiting("A read of nothing", waiting);
      abort("stop");
      expectSame("The aborted read", await trial.rejection("The aborted read", waiting), "stop");
      trial.watch(writer.write(sequence(5)));
      expectList("The next read", (await trial.take(reader, 10)) ?? [], sequence(5));
      expectList("The array of the aborted read", into, new Uint8Array(10));
    },
  },
  {
    title: "A waiting read between others rejects on abort, and the others keep their order [PIPE-031]",
    needs: ["signal", "concurrentReads"],
    async run(trial) {
      const { reader, writer } = await trial.open();
      const { signal, abort } = controller();
      const arrays = [new Uint8Array(2), new Uint8Array(2), new Uint8Array(2)] as const;
      const reads = arrays.map((into, index) => reader.read(into, index === 1 ? { signal } : {}));
      const watched = reads.map((read) => trial.watch(read));
      await trial.settle();
      abort("stop");
      await trial.settle();
      trial.watch(writer.write(sequence(2)));
      await trial.settle();
      trial.watch(writer.write(sequence(2, 2)));
      await trial.settle();
      expectList(
        "The reads",
        watched.map(({ state }) => state),
        ["fulfilled", "rejected", "fulfilled"],
      );
      expectSame("The aborted read", watched[1]?.reason, "stop");
      expectList("What was read", joined([arrays[0], arrays[2]]), sequence(4));
    },
  },
  {
    title: "An aborted write sets `progress` to the bytes that it has moved [PIPE-015] [PIPE-031]",
    needs: ["signal", "progress"],
    async run(trial) {
      const { reader, writer } = await trial.open();
      const { signal, abort } = controller();
      const progress = { bytes: -1 };
      const writing = writer.write(sequence(100_000), { signal, progress });
      trial.watch(writing);
      const head = await trial.collect(reader, 700);
      abort("stop");
      expectSame("The write", await trial.rejection("The write", writing), "stop");
      writer.close();
      const received = joined([head, await trial.drain(reader)]);
      expectList("What was read", received, sequence(received.length));
      expectSame("What the write says it has moved", progress.bytes, received.length);
    },
  },
  {
    title: "A signal has no listener left once its operations have settled [PIPE-032]",
    needs: ["signal"],
    async run(trial) {
      const { signal, listeners } = controller();
      const { reader, writer } = await trial.open();
      for (let round = 0; round < 100; round++) {
        const reading = reader.read(new Uint8Array(10), { signal });
        trial.watch(reading);
        await trial.soon(writer.write(sequence(10), { signal }));
        await trial.soon(reading);
      }
      const { blocked: writing } = await trial.block(writer, { signal });
      if (listeners() === 0) throw new Error("Expected an operation that waits to listen to its signal");
      reader.close();
      await trial.rejection("The write", writing);
      expectSame("Listeners left", listeners(), 0);
    },
  },
];

/** An AbortController whose signal counts its listeners. */
function controller(): { signal: AbortSignal; abort: (reason: unknown) => void; listeners: () => number } {
  const inner = new AbortController();
  const { signal } = inner;
  const listening = new Set<unknown>();
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  Object.assign(signal, {
    addEventListener(type: "abort", listener: unknown, options?: unknown) {
      listening.add(listener);
      add(type, listener, options);
    },
    removeEventListener(type: "abort", listener: unknown, options?: unknown) {
      listening.delete(listener);
      remove(type, listener, options);
    },
  });
  return { signal, abort: (reason) => inner.abort(reason), listeners: () => listening.size };
}
