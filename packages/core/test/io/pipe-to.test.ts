import { pipe, pipeTo, type Reader, type Writer } from "@pipe512/core";
import { expectWhole, joined, sequence } from "@pipe512/testing/bytes";
import { rejection, watch } from "@pipe512/testing/promises";
import { settle } from "@pipe512/testing/turns";
import { describe, expect, test } from "vitest";
import { drain } from "../support/drain.ts";
import { cut, PlainReader, PlainWriter } from "./plain-ends.ts";

const source = (afterwards: "end" | "stall" | { error: unknown } = "end"): PlainReader =>
  new PlainReader(cut(sequence(1033), 300), afterwards);

const failing = (error: unknown): PlainWriter =>
  Object.assign(new PlainWriter(), { write: () => Promise.reject(error) });

describe("pipeTo()", () => {
  // Red when: it resolves before the sink has finished; or the writer is closed twice or not at all.
  test("pipeTo() moves everything, closes the writer, waits for finish(), and resolves with the number of bytes [IO-006]", async () => {
    const plain = new PlainWriter();
    expect(await pipeTo(source(), plain)).toBe(1033);
    expectWhole(joined(plain.written), 1033);
    expect(plain.closings).toEqual([[]]);
    const { promise, resolve } = Promise.withResolvers<void>();
    const sink = Object.assign(new PlainWriter(), { finish: () => promise });
    const piping = watch(pipeTo(source(), sink));
    await settle();
    expect(piping.state).toBe("pending");
    resolve();
    await settle();
    expect(piping.value).toBe(1033);
  });

  // Red when: an option differs from its meaning in Web streams.
  test("pipeTo() leaves open what its options name: preventClose, preventAbort, preventCancel [IO-006]", async () => {
    const error = new Error("disk");
    const ended = new PlainWriter();
    await pipeTo(source(), ended, { preventClose: true });
    expect(ended.closings).toEqual([]);
    for (const prevented of [false, true]) {
      const sink = new PlainWriter();
      expect(await rejection(pipeTo(source({ error }), sink, { preventAbort: prevented }))).toBe(error);
      expect(sink.closings).toEqual(prevented ? [] : [[error]]);
      const reader = source();
      expect(await rejection(pipeTo(reader, failing(error), { preventCancel: prevented }))).toBe(error);
      expect(reader.closings).toEqual(prevented ? [] : [[error]]);
      const [stalling, open] = [source("stall"), new PlainWriter()];
      const controller = new AbortController();
      const options = { signal: controller.signal, preventAbort: prevented, preventCancel: prevented };
      const piping = rejection(pipeTo(stalling, open, options));
      await settle();
      controller.abort(0);
      expect(await piping).toBe(0);
      expect([stalling.closings, open.closings]).toEqual(prevented ? [[], []] : [[[0]], [[0]]]);
    }
  });

  // Red when: an error of finish() is lost.
  test("pipeTo() rejects with the error of a sink that fails to finish [IO-006]", async () => {
    const error = new Error("quota");
    const sink = Object.assign(new PlainWriter(), { finish: () => Promise.reject(error) });
    expect(await rejection(pipeTo(source(), sink))).toBe(error);
    const controller = new AbortController();
    const stuck = Object.assign(new PlainWriter(), { finish: () => new Promise<void>(() => {}) });
    const piping = rejection(pipeTo(source(), stuck, { signal: controller.signal }));
    await settle();
    controller.abort(0);
    expect(await piping).toBe(0);
  });

  // Red when: the close of the sink is detected only by the next write while the source is idle; or the aborted read takes bytes.
  test("pipeTo({ preventCancel }) whose sink closes leaves an idle reader with all of its bytes [IO-006]", async () => {
    const from = pipe();
    const to = pipe();
    const piping = watch(pipeTo(from.reader, to.writer, { preventCancel: true }));
    await settle();
    to.reader.close();
    await settle();
    expect(piping.reason).toMatchObject({ code: "ERR_CLOSED_PIPE", side: "reader" });
    void from.writer.write(sequence(600)).then(() => from.writer.close());
    expectWhole(await drain(from.reader), 600);
  });

  // Red when: the bytes of an aborted read are lost, or its end is put back as bytes.
  test("pipeTo({ preventCancel }) gives back what a read brings after an abort, and nothing where it brings the end [IO-006]", async () => {
    for (const late of [3, null]) {
      let answer: (count: number | null) => void = () => {};
      const unread: unknown[] = [];
      const reader: Reader & { unread(bytes: Uint8Array): void } = {
        read: () => new Promise((resolve) => (answer = resolve)),
        unread: (bytes) => void unread.push(bytes?.length),
        close() {},
        closeWithError() {},
      };
      const controller = new AbortController();
      const piping = rejection(
        pipeTo(reader, new PlainWriter(), { preventCancel: true, signal: controller.signal }),
      );
      await settle();
      controller.abort("enough");
      expect(await piping).toBe("enough");
      answer(late);
      await settle();
      expect(unread).toEqual(late === null ? [] : [3]);
    }
  });

  // Red when: a writer that was closed before is written to; or the reader stays open.
  test("pipeTo() to a closed writer cancels the reader [IO-006]", async () => {
    const { writer } = pipe();
    writer.close();
    const reader = source("stall");
    const error = await rejection(pipeTo(reader, writer));
    expect(error).toMatchObject({ code: "ERR_CLOSED_PIPE", side: "writer" });
    expect(reader.closings).toEqual([[error]]);
  });

  // Red when: misuse closes an end.
  test("pipeTo() rejects invalid ends and signals, and leaves the valid ends unchanged [IO-006]", async () => {
    const [reader, writer] = [source(), new PlainWriter()];
    for (const piping of [
      pipeTo(reader, {} as unknown as Writer),
      pipeTo([] as unknown as Reader, writer),
      pipeTo(reader, writer, { signal: {} as AbortSignal }),
    ]) {
      expect(await rejection(piping)).toBeInstanceOf(TypeError);
    }
    expect([reader.asked, reader.closings, writer.closings]).toEqual([[], [], []]);
  });

  // Red when: a transferred array is copied.
  test("pipeTo({ transfer }) writes the same arrays that reads transfer [IO-006]", async () => {
    const [from, to] = [pipe(), pipe()];
    const bytes = sequence(4096);
    void from.writer.write(bytes, { transfer: true }).then(() => from.writer.close());
    const piping = pipeTo(from.reader, to.writer, { transfer: true });
    expect(await to.reader.readChunk()).toBe(bytes);
    expect(await piping).toBe(4096);
  });
});
