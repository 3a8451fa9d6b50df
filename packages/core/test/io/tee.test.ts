import { pipe, readAll, tee, type Writer } from "@pipe512/core";
import { expectWhole, joined, sequence } from "@pipe512/testing/bytes";
import { rejection, watch } from "@pipe512/testing/promises";
import { settle } from "@pipe512/testing/turns";
import { describe, expect, test } from "vitest";
import { drain } from "../support/drain.ts";
import { cut, PlainReader, PlainWriter } from "./plain-ends.ts";

const source = (afterwards: "end" | "stall" | { error: unknown } = "end"): PlainReader =>
  new PlainReader(cut(sequence(1033), 300), afterwards);

describe("tee()", () => {
  // Red when: the whole array is written instead of the bytes that were read; or the writer is not closed at the end.
  test.for([1, 511, 512, 513, 2000])(
    "tee() writes what is read, in reads of %i bytes, and closes the writer [IO-005]",
    async (size) => {
      const writer = new PlainWriter();
      expectWhole(await drain(tee(source(), writer), size), 1033);
      expectWhole(joined(writer.written), 1033);
      expect(writer.closings).toEqual([[]]);
    },
  );

  // Red when: a read resolves before its bytes are written.
  test("tee() waits for a slow writer [IO-005]", async () => {
    const { reader: slow, writer } = pipe();
    const both = tee(new PlainReader([sequence(1033)]), writer);
    const reading = watch(both.read(new Uint8Array(2000)));
    await settle();
    expect(reading.state).toBe("pending");
    await slow.read(new Uint8Array(2000));
    await settle();
    expect(reading.value).toBe(1033);
  });

  // Red when: the end is reported before the sink has finished; or the error of finish() is lost.
  test("tee() ends when the writer has finished, and rejects with its error [IO-005]", async () => {
    for (const error of [undefined, new Error("disk")]) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const writer = Object.assign(new PlainWriter(), { finish: () => promise });
      const reading = watch(readAll(tee(source(), writer)));
      await settle();
      expect(reading.state).toBe("pending");
      if (error === undefined) resolve();
      else reject(error);
      await settle();
      expect(reading).toMatchObject(
        error === undefined ? { state: "fulfilled" } : { state: "rejected", reason: error },
      );
    }
  });

  // Red when: a part of the stream is reported as complete; or an end stays open.
  test("tee() closes the writer with an error when the reader fails, or it is closed early [IO-005]", async () => {
    const error = new Error("network");
    const failed = new PlainWriter();
    expect(await rejection(readAll(tee(source({ error }), failed)))).toBe(error);
    expect(failed.closings).toEqual([[error]]);
    const left = new PlainWriter();
    const reader = source();
    for await (const chunk of tee(reader, left)) {
      expect(chunk.length).toBe(300);
      break;
    }
    expect(left.closings).toMatchObject([[{ code: "ERR_CLOSED_PIPE", side: "reader" }]]);
    expect(reader.closings).toEqual([[]]);
    const why = new PlainWriter();
    tee(source(), why).closeWithError(0);
    expect(why.closings).toEqual([[0]]);
  });

  // Red when: a writer is closed despite preventClose.
  test("tee({ preventClose, preventAbort }) leaves the writer open [IO-005]", async () => {
    const writer = new PlainWriter();
    const whole = tee(source(), writer, { preventClose: true });
    await readAll(whole);
    whole.close();
    await rejection(readAll(tee(source({ error: 0 }), writer, { preventAbort: true })));
    tee(source(), writer, { preventAbort: true }).close();
    expect(writer.closings).toEqual([]);
  });

  // Red when: the failure of a writer leaves the reader open; only the first call rejects with the error; or the count of the read is lost.
  test("tee() whose writer fails closes the reader with that error [IO-005]", async () => {
    const error = new Error("disk");
    const reader = source();
    const writer: Writer = { write: () => Promise.reject(error), close() {}, closeWithError() {} };
    const both = tee(reader, writer);
    const progress = { bytes: 0 };
    expect(await rejection(both.read(new Uint8Array(2000), { progress }))).toBe(error);
    expect(progress.bytes).toBe(300);
    expect(reader.closings).toEqual([[error]]);
    expect(await rejection(both.read(new Uint8Array(2000)))).toBe(error);
  });

  // Red when: one side loses the bytes of a read that is aborted while they are written, or receives them twice.
  test("tee() aborted at any point loses no byte for either side [IO-005]", async () => {
    const { reader, writer } = pipe();
    const { reader: copy, writer: slow } = pipe();
    const both = tee(reader, slow);
    void writer.write(sequence(3000)).then(() => writer.close());
    const parts: Uint8Array[] = [];
    const copies: Uint8Array[] = [];
    for (let round = 0; ; round++) {
      const into = new Uint8Array(700);
      const controller = new AbortController();
      const progress = { bytes: 0 };
      const reading = watch(both.read(into, { signal: controller.signal, progress }));
      await settle(2);
      const taken = new Uint8Array(50);
      if (round % 3 === 1) copies.push(taken.subarray(0, (await copy.read(taken)) ?? 0));
      controller.abort(0);
      while (reading.state === "pending") await settle(1); // The progress is final only after that.
      parts.push(into.slice(0, progress.bytes));
      if (reading.state === "rejected") expect(reading.reason).toBe(0);
      if (reading.value === null) break;
    }
    copies.push(await drain(copy));
    expectWhole(joined(parts), 3000);
    expectWhole(joined(copies), 3000);
  });
});
