import { type PipeReader, type PipeWriter, pipe } from "@pipe512/core";
import { expectWhole, sequence } from "@pipe512/testing/bytes";
import { type Watched, watch } from "@pipe512/testing/promises";
import { settle } from "@pipe512/testing/turns";
import { pipeStream, toReadableStream, toWritableStream } from "@pipe512/web";
import { describe, expect, test } from "vitest";

const collect = globalThis.gc as () => void;

/** Collects garbage until `watched` has settled, or for long enough that what is lost is found. */
async function collected(watched: Watched<unknown>): Promise<void> {
  for (let round = 0; round < 30 && watched.state === "pending"; round++) {
    collect();
    await settle(2);
  }
}

const lostReader = { code: "ERR_ABANDONED_PIPE", side: "reader" };
const lostWriter = { code: "ERR_ABANDONED_PIPE", side: "writer" };

type Sink = WritableStreamDefaultWriter<Uint8Array>;
type Consumer = ReadableStreamDefaultReader<Uint8Array>;

for (const byob of [true, false]) {
  const kind = byob ? "a byte stream" : "a plain stream";

  // Each of these makes the streams in a call of its own and keeps one side, so that no variable of the test holds the other.

  const sinkAlone = (use: (consumer: Consumer) => void = () => {}): Sink => {
    const { readable, writable } = pipeStream({ byob });
    use(readable.getReader());
    return writable.getWriter();
  };
  const consumerAlone = (use: (sink: Sink) => void = () => {}): Consumer => {
    const { readable, writable } = pipeStream({ byob });
    use(writable.getWriter());
    return readable.getReader();
  };

  describe(`pipeStream(), ${kind}, whose readable side is lost`, () => {
    // Red when: something on the writing side holds the readable one.
    test("fails the write that waits [PIPE-029]", async () => {
      const sink = sinkAlone();
      const written = watch(sink.write(sequence(1033)));
      const closed = watch(sink.closed);
      await collected(written);
      expect(written).toMatchObject({ state: "rejected", reason: { ...lostReader, bytesWritten: 512 } });
      await settle();
      expect(closed).toMatchObject({ state: "rejected", reason: lostReader });
    });

    // Red when: the loss is found with the next write alone.
    test("fails a writing side that is idle [PIPE-029]", async () => {
      const sink = sinkAlone();
      const closed = watch(sink.closed);
      await collected(closed);
      expect(closed).toMatchObject({ state: "rejected", reason: lostReader });
    });

    // Red when: who waited past the pipe is held after it has its chunk.
    test("fails the writing side after the chunk that a read waited for [PIPE-029]", async () => {
      let reading: Promise<ReadableStreamReadResult<Uint8Array>> | undefined;
      const sink = sinkAlone((consumer) => {
        reading = consumer.read();
      });
      const closed = watch(sink.closed);
      await collected(closed);
      expect(closed.state).toBe("pending"); // An operation that waits keeps its own side alive.
      await sink.write(sequence(100));
      expectWhole((await reading)?.value ?? new Uint8Array(), 100);
      reading = undefined;
      await collected(closed);
      expect(closed).toMatchObject({ state: "rejected", reason: lostReader });
    });
  });

  describe(`pipeStream(), ${kind}, whose writable side is lost`, () => {
    // Red when: something on the reading side holds the writable one.
    test("fails the reading side after the accepted bytes [PIPE-029]", async () => {
      const consumer = consumerAlone((sink) => void sink.write(sequence(300)));
      const closed = watch(consumer.closed);
      await collected(closed);
      expectWhole((await consumer.read()).value ?? new Uint8Array(), 300);
      const reading = watch(consumer.read());
      await collected(reading);
      expect(reading).toMatchObject({ state: "rejected", reason: lostWriter });
      expect(closed).toMatchObject({ state: "rejected", reason: lostWriter });
    });

    // Red when: the loss is found with the next read alone.
    test("fails a reading side that is idle [PIPE-029]", async () => {
      const consumer = consumerAlone();
      const closed = watch(consumer.closed);
      await collected(closed);
      expect(closed).toMatchObject({ state: "rejected", reason: lostWriter });
    });

    // Red when: a read that waits past the pipe is told nothing.
    test("fails the read that waits [PIPE-029]", async () => {
      const consumer = consumerAlone();
      await settle();
      const reading = watch(consumer.read());
      await collected(reading);
      expect(reading).toMatchObject({ state: "rejected", reason: lostWriter });
    });

    // Red when: nothing holds who waits past the pipe.
    test("fails the read that waits, which is all that is left [PIPE-029]", async () => {
      const waiting = (): Watched<unknown> => watch(consumerAlone().read());
      const reading = waiting();
      await settle();
      await collected(reading);
      expect(reading).toMatchObject({ state: "rejected", reason: lostWriter });
    });
  });

  describe(`a stream over one end, ${kind},`, () => {
    const lone = (): PipeWriter => {
      const { reader, writer } = pipe();
      toReadableStream(reader, { byob });
      return writer;
    };

    // Red when: the pipe holds the stream.
    test("that is lost, from toReadableStream(), fails the write that waits [PIPE-029]", async () => {
      const written = watch(lone().write(sequence(1033)));
      await collected(written);
      expect(written).toMatchObject({ state: "rejected", reason: lostReader });
    });

    // Red when: a read that waits does not keep the stream alive.
    test("whose writer is lost, from toReadableStream(), fails the read that waits, which is all that is left [PIPE-029]", async () => {
      const waiting = (): Watched<unknown> =>
        watch(toReadableStream(pipe().reader, { byob }).getReader().read());
      const reading = waiting();
      await collected(reading);
      expect(reading).toMatchObject({ state: "rejected", reason: lostWriter });
    });
  });
}

describe("a stream over one end", () => {
  // Red when: the pipe holds the stream.
  test("that is lost, from toWritableStream(), fails the read that waits [PIPE-029]", async () => {
    const lone = (): PipeReader => {
      const { reader, writer } = pipe();
      toWritableStream(writer);
      return reader;
    };
    const reading = watch(lone().read(new Uint8Array(1)));
    await collected(reading);
    expect(reading).toMatchObject({ state: "rejected", reason: lostWriter });
  });

  // Red when: a write that waits does not keep the stream alive.
  test("whose reader is lost, from toWritableStream(), fails the write that waits, which is all that is left [PIPE-029]", async () => {
    const waiting = (): Watched<unknown> =>
      watch(toWritableStream(pipe().writer).getWriter().write(sequence(1033)));
    const written = waiting();
    await collected(written);
    expect(written).toMatchObject({ state: "rejected", reason: lostReader });
  });
});
