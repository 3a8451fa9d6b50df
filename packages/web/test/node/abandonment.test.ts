import { type PipeReader, type PipeWriter, pipe } from "@pipe512/core";
import { expectWhole, sequence } from "@pipe512/testing/bytes";
import { type Watched, watch } from "@pipe512/testing/promises";
import { settle } from "@pipe512/testing/turns";
import {
  fromReadableStream,
  fromWritableStream,
  pipeStream,
  toReadableStream,
  toWritableStream,
} from "@pipe512/web";
import { describe, expect, test } from "vitest";
import { countedSignal } from "../support/signal.ts";

const collect = globalThis.gc as () => void;

/** Collects garbage until `watched` has settled, or often enough to detect every lost end. */
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

  // Each test makes its streams in a separate call and keeps one side, so that no variable holds the other.

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
    // Red when: the writable side keeps the readable one alive.
    test("fails the pending write [PIPE-029]", async () => {
      const sink = sinkAlone();
      const written = watch(sink.write(sequence(1033)));
      const closed = watch(sink.closed);
      await collected(written);
      expect(written).toMatchObject({ state: "rejected", reason: { ...lostReader, bytesWritten: 512 } });
      await settle();
      expect(closed).toMatchObject({ state: "rejected", reason: lostReader });
    });

    // Red when: the loss is detected only at the next write.
    test("fails an idle writable side [PIPE-029]", async () => {
      const sink = sinkAlone();
      const closed = watch(sink.closed);
      await collected(closed);
      expect(closed).toMatchObject({ state: "rejected", reason: lostReader });
    });

    // Red when: a consumer that a direct hand-off has served is still kept alive.
    test("fails the writable side after a pending read got its chunk [PIPE-029]", async () => {
      let reading: Promise<ReadableStreamReadResult<Uint8Array>> | undefined;
      const sink = sinkAlone((consumer) => {
        reading = consumer.read();
      });
      const closed = watch(sink.closed);
      await collected(closed);
      expect(closed.state).toBe("pending"); // A pending operation keeps its own side alive.
      await sink.write(sequence(100));
      expectWhole((await reading)?.value ?? new Uint8Array(), 100);
      reading = undefined;
      await collected(closed);
      expect(closed).toMatchObject({ state: "rejected", reason: lostReader });
    });
  });

  describe(`pipeStream(), ${kind}, whose writable side is lost`, () => {
    // Red when: the readable side keeps the writable one alive.
    test("fails the readable side after the accepted bytes [PIPE-029]", async () => {
      const consumer = consumerAlone((sink) => void sink.write(sequence(300)));
      const closed = watch(consumer.closed);
      await collected(closed);
      expectWhole((await consumer.read()).value ?? new Uint8Array(), 300);
      const reading = watch(consumer.read());
      await collected(reading);
      expect(reading).toMatchObject({ state: "rejected", reason: lostWriter });
      expect(closed).toMatchObject({ state: "rejected", reason: lostWriter });
    });

    // Red when: the loss is detected only at the next read.
    test("fails an idle readable side [PIPE-029]", async () => {
      const consumer = consumerAlone();
      const closed = watch(consumer.closed);
      await collected(closed);
      expect(closed).toMatchObject({ state: "rejected", reason: lostWriter });
    });

    // Red when: a read that waits for a direct hand-off does not settle.
    test("fails the pending read [PIPE-029]", async () => {
      const consumer = consumerAlone();
      await settle();
      const reading = watch(consumer.read());
      await collected(reading);
      expect(reading).toMatchObject({ state: "rejected", reason: lostWriter });
    });

    // Red when: a read that waits for a direct hand-off is not kept alive.
    test("fails the pending read, even if only its promise is held [PIPE-029]", async () => {
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

    // Red when: the pipe keeps the stream alive.
    test("of toReadableStream() that is lost fails the pending write [PIPE-029]", async () => {
      const written = watch(lone().write(sequence(1033)));
      await collected(written);
      expect(written).toMatchObject({ state: "rejected", reason: lostReader });
    });

    // Red when: a pending read does not keep the stream alive.
    test("of toReadableStream() whose writer is lost fails the pending read, even if only its promise is held [PIPE-029]", async () => {
      const waiting = (): Watched<unknown> =>
        watch(toReadableStream(pipe().reader, { byob }).getReader().read());
      const reading = waiting();
      await collected(reading);
      expect(reading).toMatchObject({ state: "rejected", reason: lostWriter });
    });
  });
}

describe("a stream over one end", () => {
  // Red when: the pipe keeps the stream alive.
  test("of toWritableStream() that is lost fails the pending read [PIPE-029]", async () => {
    const lone = (): PipeReader => {
      const { reader, writer } = pipe();
      toWritableStream(writer);
      return reader;
    };
    const reading = watch(lone().read(new Uint8Array(1)));
    await collected(reading);
    expect(reading).toMatchObject({ state: "rejected", reason: lostWriter });
  });

  // Red when: a pending write does not keep the stream alive.
  test("of toWritableStream() whose reader is lost fails the pending write, even if only its promise is held [PIPE-029]", async () => {
    const waiting = (): Watched<unknown> =>
      watch(toWritableStream(pipe().writer).getWriter().write(sequence(1033)));
    const written = waiting();
    await collected(written);
    expect(written).toMatchObject({ state: "rejected", reason: lostReader });
  });
});

/** Collects garbage often enough to detect every lost end. */
async function collectAll(): Promise<void> {
  for (let round = 0; round < 12; round++) {
    collect();
    await settle(2);
  }
}

describe("a `closed` promise that is the only thing the caller kept", () => {
  for (const byob of [true, false]) {
    const kind = byob ? "a byte stream" : "a plain stream";
    const readable: Record<string, () => readonly [Promise<unknown>, PipeWriter | Sink]> = {
      "toReadableStream()": () => {
        const { reader, writer } = pipe();
        return [toReadableStream(reader, { byob }).getReader().closed, writer];
      },
      "pipeStream()": () => {
        const { readable: stream, writable } = pipeStream({ byob });
        return [stream.getReader().closed, writable.getWriter()];
      },
    };
    for (const [name, make] of Object.entries(readable)) {
      // Red when: a stream is collected although the caller still waits for its `closed`.
      test(`settles when the writer of ${name}, ${kind}, closes [PIPE-029] [WEB-005]`, async () => {
        const [closed, writer] = make();
        await collectAll();
        void writer.close();
        expect(await closed).toBe(undefined);
      });

      // Red when: a stream is collected although the caller still waits for its `closed`.
      test(`settles when everything else of ${name}, ${kind}, is collected [PIPE-029]`, async () => {
        const alone = (): Promise<unknown> => make()[0];
        const closed = alone();
        const watched = watch(closed);
        await collected(watched);
        expect(watched).toMatchObject({ state: "rejected", reason: lostWriter });
      });
    }
  }

  const writable: Record<string, () => readonly [Promise<unknown>, PipeReader | Consumer]> = {
    "toWritableStream()": () => {
      const { reader, writer } = pipe();
      return [toWritableStream(writer).getWriter().closed, reader];
    },
    "pipeStream()": () => {
      const { readable, writable: stream } = pipeStream();
      return [stream.getWriter().closed, readable.getReader()];
    },
  };
  for (const [name, make] of Object.entries(writable)) {
    // Red when: a stream is collected although the caller still waits for its `closed`.
    test(`settles when the reader of ${name} closes [PIPE-029] [WEB-005]`, async () => {
      const [closed, reader] = make();
      const watched = watch(closed);
      await collectAll();
      expect(watched.state).toBe("pending");
      if ("cancel" in reader) await reader.cancel("enough");
      else reader.closeWithError("enough");
      await settle();
      expect(watched).toMatchObject({ state: "rejected", reason: "enough" });
    });

    // Red when: a stream is collected although the caller still waits for its `closed`.
    test(`settles when everything else of ${name} is collected [PIPE-029]`, async () => {
      const alone = (): Promise<unknown> => make()[0];
      const closed = alone();
      const watched = watch(closed);
      await collected(watched);
      expect(watched).toMatchObject({ state: "rejected", reason: lostReader });
    });
  }

  const ends: Record<string, () => { readonly closed?: Promise<void> }> = {
    "fromReadableStream()": () => fromReadableStream(toReadableStream(pipe().reader)),
    "fromReadableStream() of the platform's own": () => fromReadableStream(new ReadableStream()),
    "fromWritableStream()": () => fromWritableStream(toWritableStream(pipe().writer)),
    "fromWritableStream() of the platform's own": () => fromWritableStream(new WritableStream()),
  };
  for (const [name, make] of Object.entries(ends)) {
    // Red when: `closed` of a lost end stays pending.
    test(`resolves when everything else of ${name} is collected, if it has a listener [PIPE-029]`, async () => {
      const watched = ((): Watched<unknown> => watch(make().closed as Promise<void>))();
      await collected(watched);
      expect(watched.state).toBe("fulfilled");
    });
  }
});

// Red when: a signal keeps the stream alive, or the listener of a lost stream stays registered.
test("a stream with a signal is lost like any other, and leaves no listener [PIPE-029] [WEB-014]", async () => {
  const { signal, counts } = countedSignal();
  const lone = (): PipeWriter => {
    const { reader, writer } = pipe();
    toReadableStream(reader, { signal });
    return writer;
  };
  const written = watch(lone().write(sequence(1033)));
  expect(counts.now).toBe(1);
  await collected(written);
  expect(written).toMatchObject({ state: "rejected", reason: lostReader });
  await collectAll();
  expect(counts.now).toBe(0);
});
