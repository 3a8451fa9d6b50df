import { broadcast, pipe, type Writer } from "@pipe512/core";
import { expectWhole, joined, sequence } from "@pipe512/testing/bytes";
import { rejection, thrown, watch } from "@pipe512/testing/promises";
import { settle } from "@pipe512/testing/turns";
import { unhandled } from "@pipe512/testing/unhandled";
import { describe, expect, test } from "vitest";
import { drain } from "../support/drain.ts";
import { PlainWriter } from "./plain-ends.ts";

const failing = (error: unknown): PlainWriter =>
  Object.assign(new PlainWriter(), { write: () => Promise.reject(error) });

describe("broadcast()", () => {
  // Red when: a writer gets nothing, or only a part of the bytes.
  test("broadcast() writes everything to all, and closes all [IO-005]", async () => {
    const sinks = [new PlainWriter(), new PlainWriter(), new PlainWriter()];
    const all = broadcast(sinks);
    await all.write(sequence(513));
    await all.write(sequence(520, 513));
    await all.finish?.();
    for (const { written, closings } of sinks) {
      expectWhole(joined(written), 1033);
      expect(closings).toEqual([[]]);
    }
  });

  // Red when: a write resolves when the fastest writer has accepted its bytes.
  test("broadcast() keeps the pace of the slowest [IO-005]", async () => {
    const { reader, writer } = pipe();
    const writing = watch(broadcast([new PlainWriter(), writer]).write(sequence(1033)));
    await settle();
    expect(writing.state).toBe("pending");
    await reader.read(new Uint8Array(1033));
    await settle();
    expect(writing.value).toBe(1033);
  });

  // Red when: a failing writer leaves the others open, or the failure waits for them; or only the first call rejects.
  test("broadcast() fails with the one that fails, and closes the others with its error [IO-005]", async () => {
    const error = new Error("disk");
    const { reader, writer } = pipe();
    const all = broadcast([writer, failing(error)]);
    expect(await rejection(all.write(sequence(1033)))).toBe(error);
    const into = new Uint8Array(1033);
    await reader.read(into);
    expect(await rejection(reader.read(into))).toBe(error);
    expect(await rejection(all.write(sequence(1)))).toBe(error);
    expect(await rejection(all.finish?.() as Promise<void>)).toBe(error);
  });

  // Red when: onError does not keep the other writers going, is called twice, or the failure of the last writer is ignored.
  test("broadcast({ onError }) goes on without the one that fails, until none is left [IO-005]", async () => {
    const errors = [new Error("first"), new Error("last")];
    const [sink, bad] = [new PlainWriter(), failing(errors[0])];
    const told: unknown[][] = [];
    const all = broadcast([bad, sink], { onError: (...args) => told.push(args) });
    expect(await all.write(sequence(600))).toBe(600);
    expect(await all.write(sequence(433, 600))).toBe(433);
    expect(told).toEqual([[errors[0], bad]]);
    expect(bad.closings).toEqual([[errors[0]]]);
    expectWhole(joined(sink.written), 1033);
    Object.assign(sink, { write: () => Promise.reject(errors[1]) });
    expect(await rejection(all.write(sequence(1)))).toBe(errors[1]);
    expect(told.length).toBe(2);
  });

  // Red when: after an abort the fastest writer has accepted more bytes than the others.
  test("broadcast() aborted leaves all writers at the same byte [IO-005]", async () => {
    const [first, second] = [pipe(), pipe()];
    const all = broadcast([first.writer, second.writer]);
    const quick: Uint8Array[] = [];
    const controller = new AbortController();
    const progress = { bytes: 0 };
    const writing = rejection(all.write(sequence(2000), { signal: controller.signal, progress }));
    await settle();
    const into = new Uint8Array(700);
    quick.push(into.slice(0, (await first.reader.read(into)) ?? 0));
    await settle();
    controller.abort(0);
    expect(await writing).toBe(0);
    expect(progress.bytes).toBeGreaterThan(512);
    void all.write(sequence(100, progress.bytes));
    all.close();
    const [one, two] = await Promise.all([drain(first.reader), drain(second.reader)]);
    expectWhole(joined([...quick, one]), progress.bytes + 100);
    expectWhole(two, progress.bytes + 100);
  });

  // Red when: finish() resolves when the first writer has finished; or the error of one writer is lost.
  test("broadcast().finish() waits for all, and rejects with the error of one [IO-005]", async () => {
    const { promise, reject } = Promise.withResolvers<void>();
    const slow = Object.assign(new PlainWriter(), { finish: () => promise });
    const all = broadcast([new PlainWriter(), slow]);
    const finishing = watch(all.finish?.() as Promise<void>);
    await settle();
    expect(finishing.state).toBe("pending");
    const error = new Error("quota");
    reject(error);
    await settle();
    expect(finishing.reason).toBe(error);
  });

  // Red when: closeWithError() leaves a write pending.
  test("broadcast().closeWithError() rejects what waits, and passes the error on [IO-005]", async () => {
    const { reader, writer } = pipe();
    const reasons = await unhandled(async () => {
      const all = broadcast([writer]);
      const writing = watch(all.write(sequence(1033)));
      await settle();
      all.closeWithError(0);
      await settle();
      expect(writing.reason).toMatchObject({ code: "ERR_CLOSED_PIPE", side: "writer", cause: 0 });
      const into = new Uint8Array(1033);
      expect(await reader.read(into)).toBe(512);
      expect(await rejection(reader.read(into))).toBe(0);
    });
    expect(reasons).toEqual([]);
  });

  // Red when: `closed` does not resolve for an own close or a failure, whether it is read before or after; or each access returns another promise.
  test("broadcast().closed resolves with its own close, and with a failure of one, read before or after [IO-005] [PIPE-027]", async () => {
    for (const end of ["close", "closeWithError", "fail"] as const) {
      for (const asksBefore of [true, false]) {
        const all = broadcast([new PlainWriter(), failing("disk")]);
        const before = asksBefore ? all.closed : undefined;
        if (end === "fail") expect(await rejection(all.write(sequence(1)))).toBe("disk");
        else all[end]("enough");
        expect(await all.closed).toBeUndefined();
        if (asksBefore) expect(all.closed).toBe(before);
      }
    }
  });

  // Red when: with onError, the close of one writer resolves `closed`; or without onError, it does not.
  test("broadcast().closed resolves when one of its writers has closed, or with { onError } when all have [IO-005]", async () => {
    const sinks = [pipe(), pipe()];
    const plain = watch(broadcast(sinks.map(({ writer }) => writer)).closed ?? Promise.reject());
    const patient = watch(
      broadcast(
        sinks.map(({ writer }) => writer),
        { onError: () => {} },
      ).closed ?? Promise.reject(),
    );
    await settle();
    expect([plain.state, patient.state]).toEqual(["pending", "pending"]);
    sinks[0]?.reader.close();
    await settle();
    expect([plain.state, patient.state]).toEqual(["fulfilled", "pending"]);
    sinks[1]?.reader.close();
    await settle();
    expect(patient.state).toBe("fulfilled");
  });

  // Red when: misuse is detected only by the first write; or it closes a writer.
  test("broadcast() throws without writers, and for a value that is not a Writer [IO-005]", () => {
    const sink = new PlainWriter();
    expect(thrown(() => broadcast([]))).toBeInstanceOf(RangeError);
    expect(thrown(() => broadcast([sink, 5 as unknown as Writer]))).toMatchObject({
      message: expect.stringContaining("writers[1] must be a Writer"),
    });
    expect(thrown(() => broadcast([sink], { onError: 5 as unknown as () => void }))).toBeInstanceOf(
      TypeError,
    );
    expect(sink.closings).toEqual([]);
  });
});
