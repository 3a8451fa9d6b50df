import { getEventListeners } from "node:events";
import { AbandonedPipeError, ClosedPipeError, type PipeReader, type PipeWriter, pipe } from "@pipe512/core";
import { expectSequence, sequence } from "@pipe512/testing/bytes";
import { type Watched, rejection, thrown, watch } from "@pipe512/testing/promises";
import { settle } from "@pipe512/testing/turns";
import { describe, expect, test } from "vitest";

const collect = globalThis.gc as () => void;

/** Collects garbage for long enough that lost ends are detected, or until `watched` has settled. */
async function collected(watched?: Watched<unknown>): Promise<void> {
  for (let round = 0; round < 30 && (watched === undefined || watched.state === "pending"); round++) {
    collect();
    await settle(2);
    if (watched === undefined && round === 9) return;
  }
}

// Each function makes a pipe in a separate call and keeps one end, so that no variable of the test references the other end.

function readerAlone(use: (writer: PipeWriter, reader: PipeReader) => void = () => {}): PipeReader {
  const { reader, writer } = pipe({ name: "orphan" });
  use(writer, reader);
  return reader;
}

function writerAlone(use: (reader: PipeReader, writer: PipeWriter) => void = () => {}): PipeWriter {
  const { reader, writer } = pipe({ name: "orphan" });
  use(reader, writer);
  return writer;
}

const lostWriter = { code: "ERR_ABANDONED_PIPE", side: "writer" };
const lostReader = { code: "ERR_ABANDONED_PIPE", side: "reader" };

describe("a lost writer", () => {
  // Red when: a waiting read does not register the writer for loss detection.
  test("PipeReader.read() that waits rejects when the writer is lost [PIPE-029]", async () => {
    const reader = readerAlone();
    const reading = watch(reader.read(new Uint8Array(10)));
    const chunk = watch(reader.readChunk());
    await collected(reading);
    await settle();
    expect(reading).toMatchObject({ state: "rejected", reason: lostWriter });
    expect(chunk).toMatchObject({ state: "rejected", reason: lostWriter });
    expect(reading.reason).not.toBe(chunk.reason);
  });

  // Red when: a lost writer counts as closed.
  test("PipeReader.read() gets the accepted bytes of a lost writer first [PIPE-029]", async () => {
    const reader = readerAlone((writer) => writer.tryWrite(sequence(300)));
    await collected();
    const into = new Uint8Array(200);
    expect(await reader.read(into)).toBe(200);
    expectSequence(into);
    expect(await reader.read(into)).toBe(100);
    expectSequence(into.subarray(0, 100), 200);
    const reading = watch(reader.read(into));
    await collected(reading);
    expect(reading).toMatchObject({ state: "rejected", reason: lostWriter });
    expect(thrown(() => reader.tryRead(into))).toMatchObject(lostWriter);
    expect(thrown(() => reader.tryReadChunk())).toMatchObject(lostWriter);
  });

  // Red when: the bytes of a lost writer are dropped with it.
  test("PipeReader.read() gets the accepted bytes of a writer whose loss was watched for before [PIPE-029]", async () => {
    const reader = readerAlone((writer) => writer.tryWrite(sequence(300)));
    const closed = watch(reader.closed);
    await collected();
    expect(closed.state).toBe("pending");
    const into = new Uint8Array(400);
    expect(await reader.read(into)).toBe(300);
    expectSequence(into.subarray(0, 300));
    expect(await rejection(reader.read(into))).toMatchObject(lostWriter);
    await settle();
    expect(closed.state).toBe("fulfilled");
  });

  // Red when: a waiting step does not register the writer for loss detection.
  test.for(["chunks", "views"] as const)(
    "PipeReader.%s() that waits rejects when the writer is lost [PIPE-029]",
    async (kind) => {
      const reader = readerAlone();
      const steps = reader[kind]();
      const next = watch(steps.next());
      await collected(next);
      expect(next).toMatchObject({ state: "rejected", reason: lostWriter });
      expect(await steps.next()).toEqual({ done: true, value: undefined });
    },
  );

  // Red when: the loss of the writer overwrites its close.
  test("PipeReader.read() gets a clean end from a writer that closed and was lost then [PIPE-029]", async () => {
    const reader = readerAlone((writer, own) => {
      void own.closed; // From here on, the loss is detected.
      writer.tryWrite(sequence(5));
      writer.close();
    });
    await collected();
    expect(await reader.read(new Uint8Array(10))).toBe(5);
    expect(await reader.read(new Uint8Array(10))).toBe(null);
    await collected();
    expect(await reader.read(new Uint8Array(10))).toBe(null);
  });

  // Red when: the error does not say which end was lost.
  test("AbandonedPipeError is a ClosedPipeError that names the pipe and the end that was lost [PIPE-028] [PIPE-029]", async () => {
    const reading = watch(readerAlone().read(new Uint8Array(10)));
    await collected(reading);
    expect(reading.reason).toBeInstanceOf(AbandonedPipeError);
    expect(reading.reason).toBeInstanceOf(ClosedPipeError);
    expect((reading.reason as Error).message).toMatch(/^Cannot read.*writer.*"orphan".*garbage/);
  });

  // Red when: a request for `closed` alone does not register the writer for loss detection.
  test("PipeReader.closed resolves when the writer was lost [PIPE-029]", async () => {
    const reader = readerAlone();
    const closed = watch(reader.closed);
    await collected(closed);
    expect(closed.state).toBe("fulfilled");
    expect(reader.bytesRead).toBe(0);
  });
});

describe("a lost reader", () => {
  // Red when: a waiting write does not register the reader for loss detection.
  test("PipeWriter.write() that waits rejects when the reader is lost, with the bytes accepted [PIPE-029]", async () => {
    const writer = writerAlone();
    const progress = { bytes: 0 };
    const writing = watch(writer.write(sequence(1033), { progress }));
    const behind = watch(writer.write(sequence(5)));
    const flushing = watch(writer.flush());
    await collected(writing);
    await settle();
    expect(writing).toMatchObject({ state: "rejected", reason: { ...lostReader, bytesWritten: 512 } });
    expect(behind).toMatchObject({ state: "rejected", reason: { ...lostReader, bytesWritten: 0 } });
    expect(flushing).toMatchObject({ state: "rejected", reason: lostReader });
    expect(progress.bytes).toBe(512);
    expect(thrown(() => writer.tryWrite(sequence(1)))).toMatchObject(lostReader);
    expect(await rejection(writer.write(sequence(1)))).toMatchObject(lostReader);
  });

  // Red when: flush() does not register the reader for loss detection.
  test("PipeWriter.flush() that waits rejects when the reader is lost [PIPE-029]", async () => {
    const writer = writerAlone();
    writer.tryWrite(sequence(5));
    const flushing = watch(writer.flush());
    await collected(flushing);
    expect(flushing).toMatchObject({ state: "rejected", reason: lostReader });
  });

  // Red when: the loss of the reader is not detected.
  test("PipeWriter.write() that close() let go on rejects when the reader is lost [PIPE-020] [PIPE-029]", async () => {
    const writer = writerAlone();
    const writing = watch(writer.write(sequence(1033)));
    writer.close();
    await collected(writing);
    expect(writing).toMatchObject({ state: "rejected", reason: { ...lostReader, bytesWritten: 512 } });
  });

  // Red when: the loss of the reader overwrites its close.
  test("PipeWriter.write() gets the error of a reader that closed and was lost then [PIPE-029]", async () => {
    const writer = writerAlone((reader, own) => {
      void own.closed; // From here on, the loss is detected.
      reader.closeWithError("done with it");
    });
    await collected();
    expect(await rejection(writer.write(sequence(1)))).toBe("done with it");
  });

  // Red when: a request for `closed` alone does not register the reader for loss detection.
  test("PipeWriter.closed resolves when the reader was lost [PIPE-029]", async () => {
    const writer = writerAlone();
    const closed = watch(writer.closed);
    await collected(closed);
    expect(closed.state).toBe("fulfilled");
    expect(writer.bytesWritten).toBe(0);
  });

  // Red when: the loss of a closed reader does not return the lent array.
  test("PipeWriter.write() that is lent settles when the consumer closes the reader and is lost before its next step [PIPE-013] [PIPE-027] [PIPE-029]", async () => {
    const make = async (): Promise<Watched<number>> => {
      const { reader, writer } = pipe();
      const next = reader.views().next();
      const writing = watch(writer.write(sequence(1033)));
      await next;
      reader.close();
      return writing;
    };
    const writing = await make();
    await collected(writing);
    expect(writing.state).not.toBe("pending");
  });

  // Red when: the signal of the pipe keeps the ends alive.
  test("pipe({ signal }) does not keep an end alive by its signal [PIPE-029] [PIPE-033]", async () => {
    const { signal } = new AbortController();
    const make = (): PipeWriter => pipe({ signal }).writer;
    const writer = make();
    const writing = watch(writer.write(sequence(1033), { signal }));
    await collected(writing);
    expect(writing).toMatchObject({ state: "rejected", reason: lostReader });
  });
});

describe("a pipe that is lost with both its ends", () => {
  // Red when: the ends of a pipe with a signal are registered for loss detection only when an operation waits.
  test("pipe({ signal }) leaves no listener on its signal, whether it was used or not [PIPE-029] [PIPE-033]", async () => {
    const { signal } = new AbortController();
    const make = (): void => {
      for (let count = 0; count < 100; count++) {
        const { reader, writer } = pipe({ signal });
        if (count % 3 === 1) writer.tryWrite(sequence(100));
        if (count % 3 === 2) reader.read(new Uint8Array(1)).catch(() => {});
      }
    };
    make();
    for (let round = 0; round < 30 && getEventListeners(signal, "abort").length > 0; round++)
      await collected();
    expect(getEventListeners(signal, "abort")).toHaveLength(0);
  });
});

describe("an end that still does something", () => {
  // Red when: a pending operation does not keep its end alive.
  test("PipeReader.read() that waits keeps the reader alive [PIPE-029]", async () => {
    const into = new Uint8Array(10);
    let reading: Promise<number | null> | undefined;
    const writer = writerAlone((reader) => {
      reading = reader.read(into);
    });
    const waiting = watch(writer.closed);
    await collected();
    expect(waiting.state).toBe("pending");
    expect(await writer.write(sequence(5))).toBe(5);
    expect(await reading).toBe(5);
    // No reference to the reader is left.
    const writing = watch(writer.write(sequence(1033)));
    await collected(writing);
    expect(writing).toMatchObject({ state: "rejected", reason: lostReader });
  });

  // Red when: a pending operation does not keep its end alive.
  test("PipeWriter.write() that waits keeps the writer alive [PIPE-029]", async () => {
    let writes: Promise<number>[] = [];
    const reader = readerAlone((writer) => {
      writes = [writer.write(sequence(1033)), writer.write(sequence(600, 1033))];
    });
    const waiting = watch(reader.closed);
    await collected();
    expect(waiting.state).toBe("pending");
    const into = new Uint8Array(2000);
    let position = 0;
    for (let reads = 0; reads < 10 && position < 1633; reads++) {
      const count = reader.tryRead(into.subarray(position)) ?? 0;
      position += count;
      await collected();
    }
    expectSequence(into.subarray(0, 1633));
    expect(await Promise.all(writes)).toEqual([1033, 600]);
    const reading = watch(reader.read(into));
    await collected(reading);
    expect(reading).toMatchObject({ state: "rejected", reason: lostWriter });
  });

  // Red when: a pending operation does not keep its end alive.
  test("PipeWriter.flush() that waits keeps the writer alive [PIPE-029]", async () => {
    let flushing: Promise<void> | undefined;
    const reader = readerAlone((writer) => {
      writer.tryWrite(sequence(5));
      flushing = writer.flush();
    });
    const closed = watch(reader.closed);
    await collected();
    expect(closed.state).toBe("pending");
    expect(await reader.read(new Uint8Array(10))).toBe(5);
    expect(reader.tryRead(new Uint8Array(10))).toBe(0); // Not lost yet; once it is lost, the call throws.
    expect(await flushing).toBe(undefined);
  });

  // Red when: an iteration does not keep its reader alive.
  test.for(["chunks", "views"] as const)(
    "PipeReader.%s() keeps the reader alive for as long as it is there [PIPE-029]",
    async (kind) => {
      let steps: AsyncIterator<Uint8Array> | undefined;
      const writer = writerAlone((reader) => {
        steps = reader[kind]();
      });
      const writing = watch(writer.write(sequence(600)));
      await collected();
      expect(writing.state).toBe("pending");
      let position = 0;
      for (let taken = 0; taken < 10 && position < 600; taken++) {
        const view: Uint8Array = (await steps?.next())?.value ?? new Uint8Array(600);
        expectSequence(view, position);
        position += view.length;
        await collected();
      }
      writer.close();
      expect(await steps?.next()).toMatchObject({ done: true });
      await settle();
      expect(writing).toMatchObject({ state: "fulfilled", value: 600 });
    },
  );

  // Red when: an object other than the end itself is registered for loss detection.
  test("PipeReader and PipeWriter are not lost while the program holds them [PIPE-029]", async () => {
    const { reader, writer } = pipe();
    const reading = watch(reader.read(new Uint8Array(10)));
    const closed = [watch(reader.closed), watch(writer.closed)];
    await collected();
    expect([reading.state, ...closed.map(({ state }) => state)]).toEqual(["pending", "pending", "pending"]);
    expect(writer.tryWrite(sequence(3))).toBe(3);
    await settle();
    expect(reading).toMatchObject({ state: "fulfilled", value: 3 });
  });
});
