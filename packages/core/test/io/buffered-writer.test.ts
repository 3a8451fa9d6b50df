import { bufferedWriter, pipe, type Writer, writeText } from "@pipe512/core";
import { expectSequence, expectWhole, joined, sequence } from "@pipe512/testing/bytes";
import { rejection, thrown, watch } from "@pipe512/testing/promises";
import { pending, settle } from "@pipe512/testing/turns";
import { unhandled } from "@pipe512/testing/unhandled";
import { describe, expect, test } from "vitest";
import { drain } from "../support/drain.ts";
import { PlainWriter } from "./plain-ends.ts";

/** Writes `length` bytes in pieces of `size`. */
async function feed(writer: Writer, length: number, size: number, from = 0): Promise<void> {
  for (let at = 0; at < length; at += size)
    await writer.write(sequence(Math.min(size, length - at), from + at));
}

describe("blocks", () => {
  // Red when: a write is passed on unbuffered; a block is shorter than its size; or finish() drops the remaining bytes.
  test.for([1, 16, 511, 512, 513])(
    "bufferedWriter() passes writes of %i bytes on in blocks of 512 [IO-002]",
    async (size) => {
      const sink = new PlainWriter();
      const writer = bufferedWriter(sink, { size: 512 });
      await feed(writer, 5000, size);
      await writer.finish();
      expectWhole(joined(sink.written), 5000);
      if (size < 512) expect(sink.written.map(({ length }) => length)).toEqual([...Array(9).fill(512), 392]);
      expect(sink.closings).toEqual([[]]);
    },
  );

  // Red when: flush() or close() does not write the remaining bytes; or flush() closes.
  test("flush() and close() write the rest [IO-002]", async () => {
    const sink = new PlainWriter();
    const writer = bufferedWriter(sink);
    await writeText(writer, "abc");
    expect([writer.buffered, sink.written.length]).toEqual([3, 0]);
    await writer.flush();
    expect([writer.buffered, sink.written.length, sink.closings.length]).toEqual([0, 1, 0]);
    await writeText(writer, "de");
    writer.close();
    await settle();
    expect(new TextDecoder().decode(joined(sink.written))).toBe("abcde");
    expect(sink.closings).toEqual([[]]);
  });

  // Red when: a second block is begun while the first is being written; or a long write is copied.
  test("bufferedWriter() holds no more than size bytes: the next write waits for the block [IO-002]", async () => {
    const { reader, writer: slow } = pipe();
    await slow.write(sequence(512));
    const writer = bufferedWriter(slow, { size: 100 });
    await feed(writer, 100, 50, 512);
    const waiting = watch(writer.write(sequence(50, 612)));
    await settle();
    expect([waiting.state, writer.buffered, writer.tryWrite(sequence(1))]).toEqual(["pending", 100, 0]);
    void writer.finish();
    expectWhole(await drain(reader), 662);
    expect(waiting.value).toBe(50);
  });

  // Red when: an array as long as a block is copied into a block; or a partial write counts as complete.
  test("a write of a block or more goes straight to the writer, also when the writer accepts only a part [IO-002]", async () => {
    const sink = new PlainWriter();
    const few: Writer = {
      write: (bytes) => sink.write(bytes.subarray(0, 300)),
      close() {},
      closeWithError() {},
    };
    const writer = bufferedWriter(few, { size: 512 });
    const bytes = sequence(1033);
    const progress = { bytes: 0 };
    expect(await writer.write(bytes, { progress })).toBe(1033);
    expect(progress.bytes).toBe(1033);
    await feed(writer, 600, 7, 1033);
    await writer.flush();
    expectWhole(joined(sink.written), 1633);
  });

  // Red when: the bytes are kept by reference.
  test("an array may be reused once its write has resolved, also one given to tryWrite() [IO-002]", async () => {
    const { reader, writer: slow } = pipe();
    const writer = bufferedWriter(slow, { size: 64 });
    const bytes = sequence(30);
    await writer.write(bytes);
    bytes.set(sequence(30, 30));
    expect(writer.tryWrite(bytes)).toBe(30);
    bytes.fill(0);
    expect(writer.tryWrite(sequence(30, 60))).toBe(4);
    writer.close();
    expectWhole(await drain(reader), 64);
  });
});

describe("errors of the writer underneath", () => {
  const failing = (error: unknown): Writer & { readonly closings: unknown[][] } => {
    const sink = new PlainWriter();
    return Object.assign(sink, { write: () => Promise.reject(error) });
  };

  // Red when: the error of a block is dropped, reaches only one caller, or is replaced by another object.
  test.for([[new Error("disk")], [undefined], [0]])(
    "bufferedWriter() rejects the next call, and all later ones, with the error of a block, %o [IO-002]",
    async ([error]) => {
      const sink = failing(error);
      const writer = bufferedWriter(sink, { size: 4 });
      expect(await writer.write(sequence(3))).toBe(3);
      expect(await writer.write(sequence(1))).toBe(1);
      for (const call of [() => writer.write(sequence(1)), () => writer.flush(), () => writer.finish()]) {
        expect(await rejection(call())).toBe(error);
      }
      expect(sink.closings).toEqual([[error]]);
    },
  );

  // Red when: close() drops the error of the last block; or the error is also unhandled although finish() reported it.
  test("an error that comes after close() is unhandled, unless finish() reports it [IO-002]", async () => {
    const error = new Error("disk");
    const closed = await unhandled(async () => {
      const writer = bufferedWriter(failing(error));
      await writer.write(sequence(3));
      writer.close();
    });
    expect(closed).toEqual([error]);
    const finished = await unhandled(async () => {
      const writer = bufferedWriter(failing(error));
      await writer.write(sequence(3));
      writer.close();
      expect(await rejection(writer.finish())).toBe(error);
    });
    expect(finished).toEqual([]);
  });

  // Red when: a reader that closes early causes an unhandled rejection although the writer has closed, too.
  test("a closed reader is not an error after close() [IO-002]", async () => {
    const reasons = await unhandled(async () => {
      const { reader, writer: slow } = pipe();
      const writer = bufferedWriter(slow);
      await writer.write(sequence(3));
      reader.close();
      writer.close();
    });
    expect(reasons).toEqual([]);
  });

  // Red when: finish() resolves before the sink has finished; or its error is lost.
  test("finish() waits for the finish() of the writer underneath [IO-002]", async () => {
    const sink = new PlainWriter();
    const { promise, reject } = Promise.withResolvers<void>();
    const writer = bufferedWriter(Object.assign(sink, { finish: () => promise }));
    await writer.write(sequence(3));
    const finishing = watch(writer.finish());
    await settle();
    expect([finishing.state, sink.written.length]).toEqual(["pending", 1]);
    reject(new Error("quota"));
    await settle();
    expect(finishing.reason).toMatchObject({ message: "quota" });
  });
});

describe("abort and close", () => {
  // Red when: the abort of a write drops bytes of other writes; or its progress is wrong.
  test("a write that is aborted leaves what was accepted [IO-002]", async () => {
    const { reader, writer: slow } = pipe();
    await slow.write(sequence(512));
    const writer = bufferedWriter(slow, { size: 100 });
    await writer.write(sequence(90, 512));
    const controller = new AbortController();
    const progress = { bytes: 0 };
    const writing = rejection(writer.write(sequence(50, 602), { signal: controller.signal, progress }));
    await settle();
    controller.abort(0);
    expect(await writing).toBe(0);
    expect(progress.bytes).toBe(10);
    void writer.write(sequence(40, 612));
    writer.close();
    expectWhole(await drain(reader), 652);
  });

  // Red when: pending writes continue after a close with an error; or bytes that were accepted before are dropped.
  test("closeWithError() rejects what waits, and delivers what was accepted, then the error [IO-002]", async () => {
    const { reader, writer: slow } = pipe();
    await slow.write(sequence(512));
    const writer = bufferedWriter(slow, { size: 100 });
    await feed(writer, 100, 50, 512);
    const waiting = watch(writer.write(sequence(1)));
    const error = new Error("enough");
    writer.closeWithError(error);
    await settle();
    expect(waiting.reason).toMatchObject({ code: "ERR_CLOSED_PIPE", side: "writer", cause: error });
    const into = new Uint8Array(700);
    expect(await reader.read(into)).toBe(612);
    expectSequence(into.subarray(0, 612));
    expect(await rejection(reader.read(into))).toBe(error);
  });

  // Red when: `closed` does not follow the underlying writer.
  test("closed resolves when the writer underneath closes [IO-002]", async () => {
    const { reader, writer: slow } = pipe();
    const writer = bufferedWriter(slow);
    expect(await pending(writer.closed)).toBe(true);
    reader.close();
    expect(await pending(writer.closed)).toBe(false);
  });

  // Red when: bytes are accepted after the underlying writer has failed.
  test("write() and tryWrite() fail once the writer underneath has failed [IO-002]", async () => {
    const { reader, writer: broken } = pipe();
    const writer = bufferedWriter(broken);
    reader.closeWithError("disk");
    await writer.write(sequence(10));
    expect(await rejection(writer.flush())).toBe("disk");
    expect(await rejection(writer.write(sequence(10)))).toBe("disk");
    expect(await rejection(writer.write(sequence(10)))).toBe("disk");
  });

  // Red when: misuse is detected only by the first write.
  test("bufferedWriter() throws for a value that is not a Writer, and for an invalid size [IO-002]", () => {
    expect(thrown(() => bufferedWriter({} as unknown as Writer))).toBeInstanceOf(TypeError);
    for (const size of [0, -1, 1.5, Number.NaN]) {
      expect(thrown(() => bufferedWriter(new PlainWriter(), { size }))).toBeInstanceOf(RangeError);
    }
  });
});
