import { copy, pipe, writeText } from "@pipe512/core";
import { sequence } from "@pipe512/testing/bytes";
import { rejection } from "@pipe512/testing/promises";
import { pending, settle } from "@pipe512/testing/turns";
import { unhandled } from "@pipe512/testing/unhandled";
import { fromWritableStream, pipeStream, toWritableStream } from "@pipe512/web";
import { describe, expect, test } from "vitest";

const failure = new Error("the disk is full");
const fail = (): never => {
  throw failure;
};

/** Makes a stream with the given sink, and its controller. */
function streamOf(sink: UnderlyingSink<Uint8Array> = {}) {
  let controller!: WritableStreamDefaultController;
  const stream = new WritableStream<Uint8Array>({ ...sink, start: (given) => void (controller = given) });
  return { stream, error: (reason: unknown) => controller.error(reason) };
}

describe("fromWritableStream().finish()", () => {
  // Red when: finish() resolves when it has called close().
  test("resolves once the sink has closed, after the writes before it [PIPE-016]", async () => {
    const seen: unknown[] = [];
    let close = (): void => {};
    const { stream } = streamOf({
      write: (chunk) => void seen.push(chunk.length),
      close: () => new Promise((resolve) => (close = resolve)),
    });
    const writer = fromWritableStream(stream);
    void writer.write(sequence(10));
    const finished = writer.finish();
    expect(await pending(finished)).toBe(true);
    expect(seen).toEqual([10]);
    close();
    await finished;
    await writer.finish();
    await expect(writer.write(sequence(1))).rejects.toMatchObject({
      code: "ERR_CLOSED_PIPE",
      side: "writer",
    });
  });

  // Red when: the error of close() is lost, or replaced.
  test("rejects with the error of the sink's close() itself, every time, and leaves nothing unhandled [PIPE-016] [PIPE-017]", async () => {
    const reasons = await unhandled(async () => {
      const writer = fromWritableStream(streamOf({ close: fail }).stream);
      expect(await rejection(writer.finish())).toBe(failure);
      expect(await rejection(writer.finish())).toBe(failure);
      const copied = pipe();
      void writeText(copied.writer, "hello").then(() => copied.writer.close());
      const sink = fromWritableStream(streamOf({ close: fail }).stream);
      await copy(copied.reader, sink);
      sink.close();
      await sink.closed;
      expect(await rejection(sink.finish())).toBe(failure);
    });
    expect(reasons).toEqual([]);
  });

  // Red when: an error that occurs while no call is pending is lost.
  test("rejects with an earlier error of the stream [PIPE-017]", async () => {
    const { stream, error } = streamOf();
    const writer = fromWritableStream(stream);
    await settle();
    error(failure);
    await writer.closed;
    expect(await rejection(writer.finish())).toBe(failure);
  });

  // Red when: the signal is ignored, or undoes the close.
  test("rejects with signal.reason once aborted, and the stream is still closed [PIPE-016]", async () => {
    let closes = 0;
    const { stream } = streamOf({
      close: () => {
        closes += 1;
        return new Promise(() => {});
      },
    });
    const writer = fromWritableStream(stream);
    const aborter = new AbortController();
    const finished = writer.finish({ signal: aborter.signal });
    expect(await pending(finished)).toBe(true);
    aborter.abort("enough");
    expect(await rejection(finished)).toBe("enough");
    expect(closes).toBe(1);
    await expect(writer.write(sequence(1))).rejects.toMatchObject({ code: "ERR_CLOSED_PIPE" });
    expect(
      await rejection(fromWritableStream(streamOf().stream).finish({ signal: AbortSignal.abort("no") })),
    ).toBe("no");
    await expect(writer.finish({ signal: "a signal" as never })).rejects.toThrow(
      /^signal must be an AbortSignal/,
    );
  });

  // Red when: the writer is closed before its signal is checked.
  test("leaves the writer open where its signal is aborted already [PIPE-016] [PIPE-030]", async () => {
    const writer = fromWritableStream(streamOf().stream);
    expect(await rejection(writer.finish({ signal: AbortSignal.abort("no") }))).toBe("no");
    expect(await writer.write(sequence(10))).toBe(10);
    await writer.finish();
  });

  // Red when: finish() waits for the sink although the writer was closed with an error.
  test("rejects with a ClosedPipeError after closeWithError(), with its error as the cause [PIPE-016]", async () => {
    const writer = fromWritableStream(streamOf().stream);
    writer.closeWithError(failure);
    await expect(writer.finish()).rejects.toMatchObject({
      code: "ERR_CLOSED_PIPE",
      side: "writer",
      operation: "finish",
      cause: failure,
    });
  });

  // Red when: close() ignores that the writer was closed with an error before.
  test("and write() reject with the error of closeWithError() as the cause, where close() comes after it [PIPE-016] [PIPE-025]", async () => {
    const writer = fromWritableStream(streamOf().stream);
    writer.closeWithError(failure);
    writer.close();
    const closed = { code: "ERR_CLOSED_PIPE", side: "writer", cause: failure };
    await expect(writer.write(sequence(1))).rejects.toMatchObject(closed);
    await expect(writer.finish()).rejects.toMatchObject(closed);
  });

  // Red when: closeWithError() aborts a stream that is closing.
  test("resolves where closeWithError() comes after close() [PIPE-016] [PIPE-025]", async () => {
    const aborted: unknown[] = [];
    let close = (): void => {};
    const { stream } = streamOf({
      close: () => new Promise((resolve) => (close = resolve)),
      abort: (reason) => void aborted.push(reason),
    });
    const writer = fromWritableStream(stream);
    const finished = writer.finish();
    await settle();
    writer.closeWithError(failure);
    close();
    await finished;
    expect(aborted).toEqual([]);
  });

  // Red when: close() of the stream does not wait for the sink behind its writer.
  test("is awaited by close() of toWritableStream(), which rejects with the sink's own error [PIPE-016] [PIPE-017]", async () => {
    for (const close of [fail, () => Promise.resolve()]) {
      const sink = toWritableStream(fromWritableStream(streamOf({ close }).stream)).getWriter();
      sink.closed.catch(() => {});
      await sink.write(sequence(10));
      const outcome = sink.close().then(
        () => "closed",
        (reason: unknown) => reason,
      );
      expect(await outcome).toBe(close === fail ? failure : "closed");
    }
  });
});

describe("an error of a sink of fromWritableStream() that rejects no call", () => {
  // Red when: the rejection of close() is caught and lost.
  test("is an unhandled rejection if it comes after close() [PIPE-017]", async () => {
    const failures = [
      streamOf({ close: fail }).stream,
      streamOf({ close: () => Promise.reject(failure) }).stream,
    ];
    for (const stream of failures) {
      expect(await unhandled(() => fromWritableStream(stream).close())).toEqual([failure]);
    }
  });

  // Red when: close() loses an error that came while the writer was idle.
  test("is an unhandled rejection if it came before close() [PIPE-017]", async () => {
    const { stream, error } = streamOf();
    const writer = fromWritableStream(stream);
    await settle();
    const reasons = await unhandled(async () => {
      error(failure);
      await settle();
      writer.close();
    });
    expect(reasons).toEqual([failure]);
  });

  // Red when: the rejection of abort() is caught and lost.
  test("is an unhandled rejection if abort() fails [PIPE-017]", async () => {
    const writer = fromWritableStream(streamOf({ abort: fail }).stream);
    await settle();
    expect(await unhandled(() => writer.closeWithError("closed"))).toEqual([failure]);
  });

  // Red when: an earlier error of the stream counts as an error of abort().
  test("is none where closeWithError() finds a stream that is failing, whose sink has a chunk in hand [PIPE-017]", async () => {
    let take = (): void => {};
    const { stream, error } = streamOf({ write: () => new Promise((resolve) => (take = resolve)) });
    const reasons = await unhandled(async () => {
      const writer = fromWritableStream(stream);
      const written = writer.write(sequence(1));
      await settle();
      error(failure);
      writer.closeWithError("closed");
      take();
      expect(await rejection(written)).toMatchObject({ code: "ERR_CLOSED_PIPE", cause: "closed" });
    });
    expect(reasons).toEqual([]);
  });

  // Red when: a call that rejects with the reason of its own signal counts as a report of the error.
  test("is an unhandled rejection where it comes after close() and the last call ends by its signal [PIPE-017]", async () => {
    const outcomes: unknown[] = [];
    for (let turns = 0; turns < 8; turns++) {
      let take = (): void => {};
      const { stream, error } = streamOf({ write: () => new Promise((resolve) => (take = resolve)) });
      const aborter = new AbortController();
      const reasons = await unhandled(async () => {
        const writer = fromWritableStream(stream);
        const written = writer
          .write(sequence(1), { signal: aborter.signal })
          .catch((reason: unknown) => reason);
        await settle();
        writer.close();
        error(failure);
        take();
        for (let turn = 0; turn < turns; turn++) await Promise.resolve();
        aborter.abort("enough");
        outcomes.push(await written);
      });
      expect(reasons).toEqual([failure]);
    }
    expect(new Set(outcomes)).toEqual(new Set(["enough", 1]));
  });

  // Red when: a call that has reported the error counts as aborted, because its signal was aborted meanwhile.
  test("is unhandled where the write's signal was sooner, and not where the error was [PIPE-017]", async () => {
    const outcomes: unknown[] = [];
    for (let turns = 0; turns < 8; turns++) {
      let refuse = (): void => {};
      const { stream } = streamOf({
        write: () => new Promise((_, reject) => (refuse = () => reject(failure))),
      });
      const aborter = new AbortController();
      const reasons = await unhandled(async () => {
        const writer = fromWritableStream(stream);
        const written = rejection(writer.write(sequence(1), { signal: aborter.signal }));
        await settle();
        refuse();
        for (let turn = 0; turn < turns; turn++) await Promise.resolve();
        aborter.abort("enough");
        outcomes.push(await written);
        await settle();
        writer.close();
      });
      expect(reasons).toEqual(outcomes.at(-1) === failure ? [] : [failure]);
    }
    expect(new Set(outcomes)).toEqual(new Set(["enough", failure]));
  });

  // Red when: any rejection of a call counts as a report of the stream's error.
  test("is an unhandled rejection where a write has rejected for its own array before [PIPE-017] [PIPE-061]", async () => {
    let take = (): void => {};
    const { stream, error } = streamOf({ write: () => new Promise<void>((resolve) => (take = resolve)) });
    const reasons = await unhandled(async () => {
      const writer = fromWritableStream(stream);
      const first = writer.write(sequence(1));
      const bytes = sequence(8);
      const second = rejection(writer.write(bytes));
      await settle();
      structuredClone(bytes, { transfer: [bytes.buffer] });
      take();
      await first;
      expect(await second).toBeInstanceOf(TypeError);
      error(failure);
      await settle();
      writer.close();
    });
    expect(reasons).toEqual([failure]);
  });

  // Red when: the error is reported twice.
  test("is not an unhandled rejection if a write has rejected with it, before or after close() [PIPE-017]", async () => {
    const reasons = await unhandled(async () => {
      const early = fromWritableStream(streamOf({ write: fail }).stream);
      expect(await rejection(early.write(sequence(1)))).toBe(failure);
      early.close();
      const late = fromWritableStream(streamOf({ write: fail }).stream);
      const written = late.write(sequence(1));
      late.close();
      expect(await rejection(written)).toBe(failure);
    });
    expect(reasons).toEqual([]);
  });

  // Red when: an aborted finish() counts as a report.
  test("is an unhandled rejection if finish() was aborted [PIPE-017]", async () => {
    let close = (): void => {};
    const { stream } = streamOf({ close: () => new Promise((_, reject) => (close = () => reject(failure))) });
    const aborter = new AbortController();
    const reasons = await unhandled(async () => {
      const finished = fromWritableStream(stream).finish({ signal: aborter.signal });
      await settle();
      aborter.abort("enough");
      expect(await rejection(finished)).toBe("enough");
      close();
    });
    expect(reasons).toEqual([failure]);
  });

  // Red when: a reader that closes counts as an error of the sink.
  test("is not an unhandled rejection if the consumer of a pipe has closed without an error [PIPE-017]", async () => {
    const { readable, writable } = pipeStream();
    const writer = fromWritableStream(writable);
    const reasons = await unhandled(async () => {
      await readable.cancel();
      await writer.closed;
      writer.close();
    });
    expect(reasons).toEqual([]);
  });

  // Red when: a reader that was lost counts as an error of the sink.
  test.for(["ERR_CLOSED_PIPE", "ERR_ABANDONED_PIPE"])(
    "is none where the stream failed because the reader of a pipe is gone: %s [PIPE-017]",
    async (code) => {
      const { stream, error } = streamOf();
      const reasons = await unhandled(async () => {
        const writer = fromWritableStream(stream);
        await settle();
        error(Object.assign(new Error("the reader is gone"), { code }));
        await writer.closed;
        writer.close();
      });
      expect(reasons).toEqual([]);
    },
  );
});
