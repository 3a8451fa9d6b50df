import { type PipeReader, type PipeWriter, pipe } from "@pipe512/core";
import { expectSequence, sequence } from "@pipe512/testing/bytes";
import { rejection, thrown, watch } from "@pipe512/testing/promises";
import { pending, settle } from "@pipe512/testing/turns";
import { describe, expect, test } from "vitest";
import { drain } from "../support/drain.ts";

/** Values that an `if (error)` mistakes for no error. */
const falsy = [undefined, null, 0, "", false, Number.NaN];

describe("writer.close()", () => {
  // Red when: close() rejects the writes in flight.
  test("PipeWriter.close() lets the writes that were issued before it go on [PIPE-020]", async () => {
    const { reader, writer } = pipe();
    const writes = [
      writer.write(sequence(1033)),
      writer.write(sequence(0)),
      writer.write(sequence(600, 1033)),
    ];
    writer.close();
    const received = await drain(reader, 511);
    expect(received.length).toBe(1633);
    expectSequence(received);
    expect(await Promise.all(writes)).toEqual([1033, 0, 600]);
  });

  // Red when: only the first read returns the end.
  test("PipeReader.read() resolves with null at every read after the end [PIPE-020]", async () => {
    const { reader, writer } = pipe();
    writer.tryWrite(sequence(10));
    writer.close();
    expect(await reader.read(new Uint8Array(10))).toBe(10);
    for (let count = 0; count < 3; count++) expect(await reader.read(new Uint8Array(10))).toBe(null);
    expect(await reader.readChunk()).toBe(null);
    expect(reader.tryRead(new Uint8Array(10))).toBe(null);
  });

  // Red when: only the first of the waiting reads returns the end.
  test("PipeWriter.close() resolves all waiting reads with null [PIPE-020] [PIPE-027]", async () => {
    const { reader, writer } = pipe();
    const reads = [reader.read(new Uint8Array(1)), reader.read(new Uint8Array(1)), reader.readChunk()];
    writer.close();
    expect(await Promise.all(reads)).toEqual([null, null, null]);
  });

  // Red when: two notifications in one task wake one call.
  test("PipeWriter.close() resolves the read that waits behind the last bytes with null [PIPE-020] [PIPE-027]", async () => {
    const { reader, writer } = pipe();
    const reads = [
      reader.read(new Uint8Array(20)),
      reader.read(new Uint8Array(20)),
      reader.read(new Uint8Array(20)),
    ];
    void writer.write(sequence(30));
    writer.close();
    expect(await Promise.all(reads)).toEqual([20, 10, null]);
  });

  // Red when: a write after the own close() is queued.
  test("PipeWriter.write() rejects at once after an own close(), and none of its bytes are accepted [PIPE-021]", async () => {
    const { reader, writer } = pipe();
    const before = writer.write(sequence(1033));
    writer.close();
    const late = [
      rejection(writer.write(sequence(5))),
      rejection(writer.write(sequence(2000), { transfer: true })),
    ];
    for (const error of await Promise.all(late)) {
      expect(error).toMatchObject({ code: "ERR_CLOSED_PIPE", side: "writer", bytesWritten: 0 });
    }
    expect(thrown(() => writer.tryWrite(sequence(5)))).toMatchObject({
      code: "ERR_CLOSED_PIPE",
      side: "writer",
    });
    expect(await drain(reader)).toEqual(sequence(1033));
    expect(await before).toBe(1033);
  });
});

describe("writer.closeWithError()", () => {
  // Red when: closeWithError() drops the bytes in the ring.
  test("PipeWriter.closeWithError() delivers the accepted bytes, then the error itself at every read [PIPE-022]", async () => {
    const { reader, writer } = pipe();
    const error = new Error("the disk is gone");
    await writer.write(sequence(300));
    writer.closeWithError(error);
    const into = new Uint8Array(200);
    expect(await reader.read(into)).toBe(200);
    expectSequence(into);
    expect(await reader.read(into)).toBe(100);
    expectSequence(into.subarray(0, 100), 200);
    expect(await rejection(reader.read(into))).toBe(error);
    expect(await rejection(reader.readChunk())).toBe(error);
    expect(thrown(() => reader.tryRead(into))).toBe(error);
  });

  // Red when: ClosedPipeError counts the bytes of the whole pipe.
  test("PipeWriter.closeWithError() rejects the writes in flight at once and delivers what they had moved [PIPE-022]", async () => {
    const { reader, writer } = pipe();
    const error = new Error("the disk is gone");
    const first = rejection(writer.write(sequence(1033)));
    const second = rejection(writer.write(sequence(10)));
    writer.closeWithError(error);
    const closed = { code: "ERR_CLOSED_PIPE", side: "writer", cause: error };
    expect(await first).toMatchObject({ ...closed, bytesWritten: 512 });
    expect(await second).toMatchObject({ ...closed, bytesWritten: 0 });
    const into = new Uint8Array(1033);
    expect(await reader.read(into)).toBe(512);
    expectSequence(into.subarray(0, 512));
    expect(await rejection(reader.read(into))).toBe(error);
  });

  // Red when: a falsy error of the writer counts as a clean end.
  test.for(falsy)(
    "PipeWriter.closeWithError(%s) rejects waiting and later reads [PIPE-022]",
    async (error) => {
      const { reader, writer } = pipe();
      const waiting = [rejection(reader.read(new Uint8Array(1))), rejection(reader.readChunk())];
      const views = rejection(reader.views().next());
      writer.closeWithError(error);
      expect(await Promise.all(waiting)).toEqual([error, error]);
      expect(await views).toBe(error);
      expect(await rejection(reader.read(new Uint8Array(1)))).toBe(error);
      const late = await rejection(writer.write(sequence(1)));
      expect(late).toMatchObject({ code: "ERR_CLOSED_PIPE", side: "writer" });
      expect("cause" in (late as Error) && (late as Error).cause).toBe(error);
    },
  );
});

describe("reader.close()", () => {
  // Red when: the bytes in the ring stay readable after the reader's close.
  test("PipeReader.close() drops the ring, and its own reads reject [PIPE-023]", async () => {
    const { reader, writer } = pipe();
    await writer.write(sequence(100));
    reader.close();
    const closed = { code: "ERR_CLOSED_PIPE", side: "reader" };
    expect(await rejection(reader.read(new Uint8Array(10)))).toMatchObject(closed);
    expect(await rejection(reader.readChunk())).toMatchObject(closed);
    expect(await rejection(reader.chunks().next())).toMatchObject(closed);
    expect(await rejection(reader.views().next())).toMatchObject(closed);
    expect(thrown(() => reader.tryRead(new Uint8Array(10)))).toMatchObject(closed);
  });

  // Red when: the reader's close rejects only the first of its own reads.
  test("PipeReader.close() rejects its own reads that wait [PIPE-023] [PIPE-027]", async () => {
    const { reader } = pipe();
    const waiting = [
      reader.read(new Uint8Array(10)),
      reader.readChunk(),
      reader.chunks().next(),
      reader.views().next(),
    ].map(rejection);
    reader.close();
    for (const error of await Promise.all(waiting)) {
      expect(error).toMatchObject({ code: "ERR_CLOSED_PIPE", side: "reader" });
    }
  });

  // Red when: the first write after the reader's close is accepted.
  test("PipeReader.close() rejects writes in flight and later ones, from the first call on [PIPE-023]", async () => {
    const { reader, writer } = pipe();
    const inFlight = [rejection(writer.write(sequence(1033))), rejection(writer.write(sequence(5)))];
    reader.close();
    const closed = { code: "ERR_CLOSED_PIPE", side: "reader" };
    expect(await Promise.all(inFlight)).toMatchObject([
      { ...closed, bytesWritten: 512 },
      { ...closed, bytesWritten: 0 },
    ]);
    expect(await rejection(writer.write(sequence(1)))).toMatchObject({ ...closed, bytesWritten: 0 });
    expect(thrown(() => writer.tryWrite(sequence(1)))).toMatchObject(closed);
  });
});

describe("reader.closeWithError()", () => {
  // Red when: writes reject with a ClosedPipeError although the reader passed an error.
  test.for([new Error("the client went away"), ...falsy])(
    "PipeReader.closeWithError(%s) rejects writes in flight and later ones with the error itself [PIPE-024]",
    async (error) => {
      const { reader, writer } = pipe();
      const inFlight = [rejection(writer.write(sequence(1033))), rejection(writer.write(sequence(5)))];
      reader.closeWithError(error);
      expect(await Promise.all(inFlight)).toEqual([error, error]);
      expect(await inFlight[0]).toBe(error);
      expect(await rejection(writer.write(sequence(1)))).toBe(error);
      expect(thrown(() => writer.tryWrite(sequence(1)))).toBe(error);
    },
  );

  // Red when: a side's operations reject with the side's own error.
  test("PipeReader.closeWithError() rejects the reader's own reads with ClosedPipeError [PIPE-024] [PIPE-026]", async () => {
    const { reader, writer } = pipe();
    const error = new Error("the client went away");
    const waiting = rejection(reader.read(new Uint8Array(1)));
    reader.closeWithError(error);
    const closed = { code: "ERR_CLOSED_PIPE", side: "reader", cause: error };
    expect(await waiting).toMatchObject(closed);
    expect(await rejection(reader.read(new Uint8Array(1)))).toMatchObject(closed);
    expect(await rejection(writer.write(sequence(1)))).toBe(error);
  });
});

describe("closing twice", () => {
  type Close = (end: PipeReader | PipeWriter) => void;
  const close: Close = (end) => end.close();
  const fail =
    (error: unknown): Close =>
    (end) =>
      end.closeWithError(error);

  // Red when: a later close of the writer overwrites the first.
  test("PipeWriter.close() takes precedence over every later close of the same side [PIPE-025]", async () => {
    const { reader, writer } = pipe();
    const writing = writer.write(sequence(1033));
    for (const again of [close, fail("second"), fail(undefined)]) again(writer);
    expect(await drain(reader)).toEqual(sequence(1033));
    expect(await writing).toBe(1033);
  });

  // Red when: a close() after closeWithError() turns the error into the end.
  test("PipeWriter.closeWithError() takes precedence over every later close of the same side [PIPE-025]", async () => {
    const { reader, writer } = pipe();
    for (const again of [fail("first"), close, fail("second")]) again(writer);
    expect(await rejection(reader.read(new Uint8Array(1)))).toBe("first");
  });

  // Red when: a later close of the reader overwrites the first.
  test("PipeReader.close() and closeWithError() take precedence over every later close of the same side [PIPE-025]", async () => {
    const closed = pipe();
    for (const again of [close, fail("second"), close]) again(closed.reader);
    expect(await rejection(closed.writer.write(sequence(1)))).toMatchObject({
      code: "ERR_CLOSED_PIPE",
      side: "reader",
    });
    const failed = pipe();
    for (const again of [fail(0), close, fail("second")]) again(failed.reader);
    expect(await rejection(failed.writer.write(sequence(1)))).toBe(0);
  });

  // Red when: close() returns a value.
  test("PipeReader.close() and PipeWriter.close() never throw and never wait, in any state [PIPE-025]", () => {
    for (const first of [close, fail(undefined)]) {
      for (const second of [close, fail("x")]) {
        for (const order of ["reader", "writer"] as const) {
          const ends = pipe();
          ends.writer.write(sequence(1033)).catch(() => {});
          const other = order === "reader" ? "writer" : "reader";
          expect([first(ends[order]), second(ends[other]), first(ends[other]), second(ends[order])]).toEqual(
            Array(4).fill(undefined),
          );
        }
      }
    }
  });

  // Red when: `using` does not close.
  test("PipeReader and PipeWriter are closed by `using` [PIPE-020] [PIPE-023]", async () => {
    const ended = pipe();
    ended.writer[Symbol.dispose]();
    expect(await ended.reader.read(new Uint8Array(1))).toBe(null);
    const closed = pipe();
    closed.reader[Symbol.dispose]();
    await expect(closed.writer.write(sequence(1))).rejects.toMatchObject({
      code: "ERR_CLOSED_PIPE",
      side: "reader",
    });
  });
});

describe("both sides closed", () => {
  const ways = [
    ["close()", (end: PipeReader | PipeWriter) => end.close()],
    [
      "closeWithError()",
      (end: PipeReader | PipeWriter) => end.closeWithError(new Error(end.constructor.name)),
    ],
  ] as const;
  const cases = ways.flatMap(([readerWay, closeReader]) =>
    ways.flatMap(([writerWay, closeWriter]) =>
      (["reader", "writer"] as const).map((first) => ({
        readerWay,
        closeReader,
        writerWay,
        closeWriter,
        first,
      })),
    ),
  );

  // Red when: the other side's close is checked first.
  test.for(cases)(
    "PipeReader and PipeWriter reject a new operation with the ClosedPipeError of their own side after reader.$readerWay and writer.$writerWay, $first first [PIPE-026]",
    async ({ closeReader, closeWriter, first }) => {
      const { reader, writer } = pipe();
      writer.tryWrite(sequence(10));
      if (first === "reader") closeReader(reader);
      closeWriter(writer);
      if (first === "writer") closeReader(reader);
      const ownWriter = { code: "ERR_CLOSED_PIPE", side: "writer" };
      expect(await rejection(writer.write(sequence(1)))).toMatchObject(ownWriter);
      expect(await rejection(writer.write(sequence(0)))).toMatchObject(ownWriter);
      expect(thrown(() => writer.tryWrite(sequence(1)))).toMatchObject(ownWriter);
      const ownReader = { code: "ERR_CLOSED_PIPE", side: "reader" };
      expect(await rejection(reader.read(new Uint8Array(1)))).toMatchObject(ownReader);
      expect(await rejection(reader.readChunk())).toMatchObject(ownReader);
      expect(await rejection(reader.chunks().next())).toMatchObject(ownReader);
      expect(thrown(() => reader.tryRead(new Uint8Array(1)))).toMatchObject(ownReader);
    },
  );

  // Red when: a write that an own close() lets finish rejects with the own side's ClosedPipeError.
  test("PipeWriter.write() that an own close() let go on rejects with the reader's error [PIPE-026]", async () => {
    const closed = pipe();
    const first = rejection(closed.writer.write(sequence(1033)));
    closed.writer.close();
    closed.reader.close();
    expect(await first).toMatchObject({ code: "ERR_CLOSED_PIPE", side: "reader", bytesWritten: 512 });
    const failed = pipe();
    const second = rejection(failed.writer.write(sequence(1033)));
    failed.writer.close();
    failed.reader.closeWithError("gone");
    expect(await second).toBe("gone");
  });

  // Red when: a later close of the writer overwrites the first.
  test("PipeWriter.write() that an own close() let go on is not cut off by an own closeWithError() [PIPE-020] [PIPE-025]", async () => {
    const { reader, writer } = pipe();
    const writing = writer.write(sequence(1033));
    writer.close();
    writer.closeWithError("late");
    expect(await drain(reader)).toEqual(sequence(1033));
    expect(await writing).toBe(1033);
  });
});

describe("nothing stays pending", () => {
  /** Every operation that can wait on the reader's side of an empty pipe. */
  const readings = (reader: PipeReader) => ({
    read: reader.read(new Uint8Array(5)),
    "second read": reader.read(new Uint8Array(5)),
    readChunk: reader.readChunk(),
    "chunks().next()": reader.chunks().next(),
    "views().next()": reader.views().next(),
    closed: reader.closed,
  });
  /** Every operation that can wait on the writer's side of a full pipe. */
  const writings = (writer: PipeWriter) => ({
    write: writer.write(sequence(1033)),
    "second write": writer.write(sequence(5)),
    transfer: writer.write(sequence(1033), { transfer: true }),
    flush: writer.flush(),
    closed: writer.closed,
  });
  const ends = { PipeReader: "reader", PipeWriter: "writer" } as const;
  const closes = (["PipeReader", "PipeWriter"] as const).flatMap((end) =>
    (["close", "closeWithError"] as const).map((way) => [end, way] as const),
  );
  const pendingOnes = async (
    calls: Record<string, Promise<unknown>>,
    close: () => void,
  ): Promise<string[]> => {
    const watched = Object.entries(calls).map(([name, promise]) => [name, watch(promise)] as const);
    close();
    await settle();
    return watched.filter(([, { state }]) => state === "pending").map(([name]) => name);
  };

  // Red when: the reader's close rejects only the first of its own reads.
  test.for(closes)("%s.%s() leaves no read pending on an empty pipe [PIPE-027]", async ([end, way]) => {
    const { reader, writer } = pipe();
    const side = { reader, writer }[ends[end]];
    expect(await pendingOnes(readings(reader), () => side[way]("gone"))).toEqual([]);
  });

  // Red when: a failure of the own side does not settle the flushes behind the writes.
  test.for(closes.filter(([end, way]) => end === "PipeReader" || way === "closeWithError"))(
    "%s.%s() leaves no write pending on a full pipe [PIPE-027]",
    async ([end, way]) => {
      const { reader, writer } = pipe();
      const side = { reader, writer }[ends[end]];
      expect(await pendingOnes(writings(writer), () => side[way]("gone"))).toEqual([]);
    },
  );

  // Red when: the writer's `closed` does not resolve at its own close.
  test("PipeWriter.close() leaves no operation pending once the reader has all bytes [PIPE-027]", async () => {
    const { reader, writer } = pipe();
    const watched = Object.entries(writings(writer)).map(
      ([name, promise]) => [name, watch<unknown>(promise)] as const,
    );
    writer.close();
    await drain(reader);
    await settle();
    expect(watched.filter(([, { state }]) => state !== "fulfilled").map(([name]) => name)).toEqual([]);
  });
});

describe("closed", () => {
  // Red when: the writer's `closed` resolves only at its own close.
  test.for([
    ["reader", "close"],
    ["reader", "closeWithError"],
    ["writer", "close"],
    ["writer", "closeWithError"],
  ] as const)(
    "PipeWriter.closed resolves with %s.%s(), and never rejects [PIPE-027]",
    async ([side, way]) => {
      const ends = pipe();
      const { closed } = ends.writer;
      ends.writer.write(sequence(1033)).catch(() => {});
      expect(await pending(closed)).toBe(true);
      ends[side][way]("gone");
      expect(await closed).toBe(undefined);
      expect(await ends.writer.closed).toBe(undefined);
    },
  );

  // Red when: the reader's `closed` resolves while bytes are unread.
  test.for([
    ["close", 1033],
    ["closeWithError", 512],
  ] as const)(
    "PipeReader.closed waits after writer.%s() until the last of %i bytes is read [PIPE-027]",
    async ([way, size]) => {
      const { reader, writer } = pipe();
      const { closed } = reader;
      writer.write(sequence(1033)).catch(() => {});
      writer[way]("gone");
      await reader.read(new Uint8Array(size - 1));
      expect(await pending(closed)).toBe(true);
      await reader.read(new Uint8Array(1));
      expect(await closed).toBe(undefined);
    },
  );

  // Red when: the reader's `closed` does not resolve at its own close.
  test("PipeReader.closed resolves with its own close and with the end of an empty pipe, whether read before or after [PIPE-027]", async () => {
    for (const way of ["close", "closeWithError"] as const) {
      for (const side of ["reader", "writer"] as const) {
        const ends = pipe();
        const { closed } = ends.reader;
        ends[side][way]("gone");
        expect(await closed).toBe(undefined);
        const late = pipe();
        late[side][way]("gone");
        expect(await late.reader.closed).toBe(undefined);
      }
    }
  });

  // Red when: each access returns another promise, of which only the last resolves.
  test("PipeReader.closed and PipeWriter.closed are one promise each, however often they are read [PIPE-027]", async () => {
    const { reader, writer } = pipe();
    const asked = [reader.closed, writer.closed];
    expect(reader.closed).toBe(asked[0]);
    expect(writer.closed).toBe(asked[1]);
    writer.close();
    await Promise.all(asked);
    expect(reader.closed).toBe(asked[0]);
    expect(writer.closed).toBe(asked[1]);
  });
});

describe("ClosedPipeError", () => {
  // Red when: a close without an error sets a cause.
  test("ClosedPipeError has a cause only after a close with an error [PIPE-028]", async () => {
    const { writer } = pipe();
    writer.close();
    expect(await rejection(writer.write(sequence(1)))).not.toHaveProperty("cause");
    const failed = pipe();
    failed.writer.closeWithError(undefined);
    expect(await rejection(failed.writer.write(sequence(1)))).toHaveProperty("cause", undefined);
  });

  // Red when: the message omits the counts.
  test("ClosedPipeError names the side that closed, the operation and the bytes accepted [PIPE-028]", async () => {
    const byReader = pipe();
    const interrupted = rejection(byReader.writer.write(sequence(1033)));
    byReader.reader.close();
    expect(((await interrupted) as Error).message).toMatch(/^Cannot write 1033 bytes.*\breader\b.*\b512\b/);
    const byWriter = pipe();
    const own = rejection(byWriter.writer.write(sequence(1033)));
    byWriter.writer.closeWithError("gone");
    expect(((await own) as Error).message).toMatch(/^Cannot write 1033 bytes.*\bwriter\b.*\b512\b/);
    expect(await own).toMatchObject({ name: "ClosedPipeError", operation: "write" });
    const reading = pipe();
    const read = rejection(reading.reader.read(new Uint8Array(10)));
    reading.reader.close();
    expect(((await read) as Error).message).toMatch(/^Cannot read.*\breader\b/);
    expect(await read).toMatchObject({ name: "ClosedPipeError", operation: "read" });
    const flushing = pipe();
    flushing.writer.tryWrite(sequence(10));
    const flush = rejection(flushing.writer.flush());
    flushing.reader.close();
    expect(((await flush) as Error).message).toMatch(/^Cannot flush.*\breader\b/);
    expect(await flush).toMatchObject({ name: "ClosedPipeError", operation: "flush" });
  });

  // Red when: one error object is reused for every rejection.
  test("ClosedPipeError is a new object at each throw [PIPE-028]", async () => {
    const { reader, writer } = pipe();
    const inFlight = [
      rejection(writer.write(sequence(1033))),
      rejection(writer.write(sequence(1))),
      rejection(writer.flush()),
    ];
    reader.close();
    const late = [rejection(writer.write(sequence(1))), rejection(writer.write(sequence(1)))];
    const tried = [1, 2].map(() => thrown(() => writer.tryWrite(sequence(1))));
    const own = [rejection(reader.read(new Uint8Array(1))), rejection(reader.read(new Uint8Array(1)))];
    const errors = [...(await Promise.all([...inFlight, ...late, ...own])), ...tried];
    expect(new Set(errors).size).toBe(9);
    expect(errors.every((error) => error instanceof Error && error.stack !== undefined)).toBe(true);
  });
});
