import { pipe } from "@pipe512/core";
import { expectSequence, joined, sequence } from "@pipe512/testing/bytes";
import { rejection, thrown, watch } from "@pipe512/testing/promises";
import { settle } from "@pipe512/testing/turns";
import { unhandled } from "@pipe512/testing/unhandled";
import { describe, expect, test } from "vitest";
import { drain } from "../support/drain.ts";

/** A progress object that calls `onChange` at each change. The pipe runs code of its caller in the middle of an operation only here. */
function observed(onChange: (bytes: number) => void): { bytes: number } {
  let bytes = 0;
  return {
    get bytes() {
      return bytes;
    },
    set bytes(value) {
      if (value === bytes) return;
      bytes = value;
      onChange(value);
    },
  };
}

describe("a progress that calls back", () => {
  // Red when: progress is set in the middle of an operation of the pipe.
  test("PipeWriter.write() may be closed by its own progress: what was moved is delivered, the rest rejects [PIPE-063]", async () => {
    const { reader, writer } = pipe();
    const progress = observed(() => writer.closeWithError("enough"));
    const writing = rejection(writer.write(sequence(1033), { progress }));
    const error = await writing;
    expect(error).toMatchObject({ code: "ERR_CLOSED_PIPE", bytesWritten: progress.bytes });
    const into = new Uint8Array(1033);
    expect(await reader.read(into)).toBe(progress.bytes);
    expectSequence(into.subarray(0, progress.bytes));
    expect(await rejection(reader.read(into))).toBe("enough");
  });

  // Red when: the last byte of a read is delivered again by the next read.
  test("PipeWriter.write() may be read by its own progress, each byte once and in order [PIPE-063]", async () => {
    const { reader, writer } = pipe();
    const parts: Array<{ into: Uint8Array; count: number }> = [];
    const take = (): void => {
      // In the order of the calls: a call may be made inside another.
      const part = { into: new Uint8Array(100), count: 0 };
      parts.push(part);
      part.count = reader.tryRead(part.into) ?? 0;
    };
    const writing = watch(writer.write(sequence(3000), { progress: observed(take) }));
    for (let turn = 0; turn < 100 && reader.bytesRead < 3000; turn++) {
      take();
      await settle(1);
    }
    await settle();
    const received = joined(parts.map(({ into, count }) => into.subarray(0, count)));
    expect(received.length).toBe(3000);
    expectSequence(received);
    expect(writing).toMatchObject({ state: "fulfilled", value: 3000 });
  });

  // Red when: progress is set only when the call settles.
  test("PipeWriter.write() may write again from its own progress, behind itself [PIPE-006] [PIPE-063]", async () => {
    const { reader, writer } = pipe();
    let again: Promise<number> | undefined;
    let overtook = 0;
    const progress = observed(() => {
      if (again !== undefined) return;
      again = writer.write(new Uint8Array(700).fill(2));
      overtook = writer.tryWrite(new Uint8Array(1).fill(3));
    });
    const writing = writer.write(new Uint8Array(1033).fill(1), { progress });
    writer.close();
    expect(await drain(reader, 100)).toEqual(new Uint8Array(1733).fill(1).fill(2, 1033));
    expect([await writing, await again, overtook]).toEqual([1033, 700, 0]);
  });

  // Red when: read() does not set its progress.
  test("PipeReader.read() may read again from its own progress, behind itself [PIPE-007] [PIPE-063]", async () => {
    const { reader, writer } = pipe();
    const second = new Uint8Array(10);
    let again: Promise<number | null> | undefined;
    const progress = observed(() => {
      again ??= reader.read(second);
    });
    const first = new Uint8Array(10);
    const reading = reader.read(first, { progress });
    expect(await writer.write(sequence(15))).toBe(15);
    expect([await reading, await again]).toEqual([10, 5]);
    expectSequence(first);
    expectSequence(second.subarray(0, 5), 10);
  });

  // Red when: progress is set in the middle of an operation of the pipe.
  test("PipeReader.read() may close the reader from its own progress: it keeps its bytes, the write rejects [PIPE-063]", async () => {
    const { reader, writer } = pipe();
    const progress = observed(() => reader.close());
    const into = new Uint8Array(10);
    const reading = reader.read(into, { progress });
    const writing = rejection(writer.write(sequence(1033)));
    expect(await reading).toBe(10);
    expectSequence(into);
    expect(await writing).toMatchObject({ code: "ERR_CLOSED_PIPE", side: "reader" });
    expect(await rejection(writer.write(sequence(1)))).toMatchObject({
      code: "ERR_CLOSED_PIPE",
      side: "reader",
    });
  });

  // Red when: progress is set in the middle of an operation of the pipe.
  test("PipeWriter.write() may be aborted by its own progress [PIPE-031] [PIPE-063]", async () => {
    const { reader, writer } = pipe();
    const controller = new AbortController();
    const progress = observed(() => controller.abort("stop"));
    expect(await rejection(writer.write(sequence(1033), { progress, signal: controller.signal }))).toBe(
      "stop",
    );
    const into = new Uint8Array(1033);
    expect(reader.tryRead(into)).toBe(progress.bytes);
    expectSequence(into.subarray(0, progress.bytes));
    expect(await writer.write(sequence(5))).toBe(5);
  });

  // Red when: the pipe catches an error that a progress object throws.
  test("PipeWriter.write() whose progress throws does not affect other operations, and its error is reported [PIPE-034] [PIPE-063]", async () => {
    const { reader, writer } = pipe();
    const progress = observed(() => {
      throw new Error("from the setter");
    });
    const into = new Uint8Array(20);
    const reasons = await unhandled(async () => {
      const outcome = watch(writer.write(sequence(5), { progress }));
      await settle();
      expect(outcome.state).not.toBe("pending");
      if (outcome.state === "rejected") throw outcome.reason;
      const accepted = writer.bytesWritten;
      expect(await writer.write(sequence(5, accepted))).toBe(5);
      expect(await reader.read(into)).toBe(accepted + 5);
    }).catch((error: unknown) => [error]);
    expect(reasons).toEqual([new Error("from the setter")]);
    expectSequence(into.subarray(0, 10));
  });
});

describe("an abort listener that calls back", () => {
  // Red when: an aborted write does not start the next one.
  test.for(["before", "after"] as const)(
    "PipeWriter.write() that is aborted lets an abort listener %s its own close, write and read [PIPE-063]",
    async (when) => {
      const { reader, writer } = pipe();
      const controller = new AbortController();
      const { signal } = controller;
      let late: Promise<number> | undefined;
      const into = new Uint8Array(100);
      const back = (): void => {
        late = writer.write(new Uint8Array(5).fill(9));
        reader.tryRead(into);
        writer.close();
      };
      if (when === "before") signal.addEventListener("abort", back);
      const first = watch(writer.write(sequence(1033), { signal }));
      const second = writer.write(new Uint8Array(10).fill(8));
      if (when === "after") signal.addEventListener("abort", back);
      controller.abort("stop");
      const received = await drain(reader, 100);
      expect(first).toMatchObject({ state: "rejected", reason: "stop" });
      expectSequence(into);
      expectSequence(received.subarray(0, received.length - 15), 100);
      expect(received.subarray(-15)).toEqual(new Uint8Array(15).fill(8).fill(9, 10));
      expect(await Promise.all([second, late])).toEqual([10, 5]);
    },
  );

  // Red when: the reader's close does not reject the pending writes.
  test("PipeReader.closeWithError() from an abort listener leaves none of the operations on that signal pending [PIPE-027] [PIPE-063]", async () => {
    const { reader, writer } = pipe();
    const controller = new AbortController();
    const { signal } = controller;
    signal.addEventListener("abort", () => reader.closeWithError("closed"));
    const watched = [
      writer.write(sequence(1033), { signal }),
      writer.write(sequence(1), { signal }),
      writer.flush({ signal }),
    ].map((promise) => watch<unknown>(promise));
    controller.abort("stop");
    await settle();
    for (const { state, reason } of watched) {
      expect(state).toBe("rejected");
      expect(["closed", "stop"]).toContain(reason);
    }
    expect(await rejection(writer.write(sequence(1)))).toBe("closed");
  });

  // Red when: an aborted read takes the bytes that arrive next.
  test("PipeReader.read() that is aborted lets an abort listener abort the next one in the queue [PIPE-031] [PIPE-063]", async () => {
    const { reader, writer } = pipe();
    const [first, second] = [new AbortController(), new AbortController()];
    first.signal.addEventListener("abort", () => second.abort("second"));
    const reads = [
      rejection(reader.read(new Uint8Array(1), { signal: first.signal })),
      rejection(reader.read(new Uint8Array(1), { signal: second.signal })),
    ];
    const last = reader.read(new Uint8Array(1));
    first.abort("first");
    expect(await Promise.all(reads)).toEqual(["first", "second"]);
    writer.tryWrite(sequence(1));
    expect(await last).toBe(1);
  });
});

describe("continuations that call back", () => {
  // Red when: the reader's `closed` resolves while bytes are unread.
  test("PipeWriter.closed resolves after the writer is closed, and PipeReader.closed after the reader is at its end [PIPE-063]", async () => {
    const { reader, writer } = pipe();
    const late = writer.closed.then(() => rejection(writer.write(sequence(1))));
    const end = reader.closed.then(() => reader.read(new Uint8Array(1)));
    writer.tryWrite(sequence(10));
    writer.close();
    expect(await late).toMatchObject({ code: "ERR_CLOSED_PIPE", side: "writer" });
    expect(await reader.read(new Uint8Array(10))).toBe(10);
    expect(await end).toBe(null);
  });

  // Red when: a close rejects only the first of the writes in flight.
  test("PipeWriter.closeWithError() by a write that a close has rejected changes nothing for the others [PIPE-025] [PIPE-063]", async () => {
    const { reader, writer } = pipe();
    const first = writer.write(sequence(1033)).catch((error: unknown) => {
      writer.closeWithError("again");
      return error;
    });
    const second = rejection(writer.write(sequence(1)));
    reader.closeWithError("gone");
    expect([await first, await second]).toEqual(["gone", "gone"]);
    expect(thrown(() => writer.tryWrite(sequence(1)))).toMatchObject({
      code: "ERR_CLOSED_PIPE",
      side: "writer",
    });
  });

  // Red when: a woken call continues synchronously inside the call that woke it.
  test("PipeReader.read() resolves with null 100,000 times without a growing stack [PIPE-027] [PIPE-063]", async () => {
    const { reader, writer } = pipe();
    const reads = Array.from({ length: 100_000 }, () => reader.read(new Uint8Array(1)));
    writer.tryWrite(sequence(100));
    writer.close();
    const counts = await Promise.all(reads);
    expect(counts.filter((count) => count === 1)).toHaveLength(100);
    expect(counts.filter((count) => count === null)).toHaveLength(99_900);
  });
});
