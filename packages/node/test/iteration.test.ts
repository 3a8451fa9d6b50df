import { finished } from "node:stream";
import { pipe } from "@pipe512/core";
import { duplexPair, pipeDuplex, toReadable } from "@pipe512/node";
import { describe, expect, test } from "vitest";
import { expectSequence, sequence } from "./support/bytes.ts";
import { record } from "./support/streams.ts";
import { callback, rejection, settle, stray, watch } from "./support/turns.ts";

describe("for await", () => {
  // Red when: the iterator is Node's own, which destroys the stream with an AbortError.
  test("leaving the loop closes the pipe, unblocks the writer and emits no error [NODE-005]", async () => {
    const { reader, writer } = pipe();
    const readable = toReadable(reader);
    const events = record(readable, "error", "end", "close");
    const told = callback();
    finished(readable, told.call);
    const waiting = rejection(writer.write(sequence(70_000)));
    const strays = await stray(async () => {
      for await (const chunk of readable) {
        expectSequence(chunk as Buffer, 65_536);
        break;
      }
    });
    expect(await waiting).toMatchObject({ code: "ERR_CLOSED_PIPE", side: "reader" });
    expect(events).toEqual(["close"]);
    expect(told.reason).toMatchObject({ code: "ERR_STREAM_PREMATURE_CLOSE" });
    expect(strays).toEqual([]);
  });

  // Red when: the duplexes have Node's own iterator.
  test("leaving the loop over a duplex fails its writes and emits no error [NODE-005]", async () => {
    for (const [writable, readable] of [
      (() => {
        const duplex = pipeDuplex();
        return [duplex, duplex];
      })(),
      duplexPair(),
    ] as const) {
      const errors = record(readable, "error");
      const [told, left] = [callback(), callback()];
      finished(readable, left.call);
      writable.on("error", () => {}).write(sequence(70_000), told.call);
      for await (const chunk of readable) {
        expect((chunk as Buffer).length).toBe(65_536);
        break;
      }
      await settle();
      expect(told.reason).toMatchObject({ code: "ERR_CLOSED_PIPE", side: "reader" });
      expect(left.reason).toMatchObject({ code: "ERR_STREAM_PREMATURE_CLOSE" });
      expect(errors).toEqual([]);
    }
  });

  // Red when: a throw in the loop's body leaves the pipe open.
  test("a throw in the loop also closes the pipe, and the loop rejects with that error [NODE-005]", async () => {
    const { reader, writer } = pipe();
    const failure = new Error("the body broke");
    void writer.write(sequence(1033));
    const loop = (async () => {
      for await (const chunk of toReadable(reader)) throw chunk === null ? chunk : failure;
    })();
    expect(await rejection(loop)).toBe(failure);
    expect(await rejection(writer.write(sequence(1)))).toMatchObject({ code: "ERR_CLOSED_PIPE" });
  });

  // Red when: return() waits for a pending next().
  test("return() ends a pending next() as done, and closes at once [NODE-005] [NODE-006]", async () => {
    const { reader, writer } = pipe();
    const iterator = toReadable(reader)[Symbol.asyncIterator]();
    const steps = [watch(iterator.next()), watch(iterator.next())];
    await settle();
    expect(await iterator.return?.()).toEqual({ done: true, value: undefined });
    await settle();
    expect(steps.map(({ value }) => value?.done)).toEqual([true, true]);
    expect(() => writer.tryWrite(sequence(1))).toThrow(expect.objectContaining({ code: "ERR_CLOSED_PIPE" }));
  });

  // Red when: `destroyOnReturn: false` destroys the stream, or leaving the loop loses a chunk.
  test("iterator({ destroyOnReturn: false }) leaves the rest to be read [NODE-005]", async () => {
    const { reader, writer } = pipe();
    const readable = toReadable(reader, { chunkSize: 100 });
    void writer.write(sequence(500)).then(() => writer.close());
    const parts: Buffer[] = [];
    for await (const chunk of readable.iterator({ destroyOnReturn: false })) {
      parts.push(chunk as Buffer);
      break;
    }
    for await (const chunk of readable) parts.push(chunk as Buffer);
    expectSequence(Buffer.concat(parts), 500);
  });

  // Red when: steps are served in a wrong order, or each of them rejects with the error.
  test("calls of next() are served in order; the first after an error rejects, the others end", async () => {
    const { reader, writer } = pipe();
    const failure = new Error("over");
    const iterator = toReadable(reader, { chunkSize: 100 })[Symbol.asyncIterator]();
    const steps = [1, 2, 3, 4].map(() => watch(iterator.next()));
    await writer.write(sequence(200));
    writer.closeWithError(failure);
    await settle();
    expectSequence(Buffer.concat(steps.slice(0, 2).map(({ value }) => value?.value as Buffer)), 200);
    expect([steps[2]?.reason, steps[3]?.value]).toEqual([failure, { done: true, value: undefined }]);
  });

  // Red when: Node's stream operators get another iterator, or do not end the stream.
  test("Node's operators work over it, and close the pipe when they have enough [NODE-005]", async () => {
    const { reader, writer } = pipe();
    const readable = toReadable(reader, { chunkSize: 100 });
    const waiting = rejection(writer.write(sequence(1033)));
    const lengths = await readable
      .map((chunk: Buffer) => chunk.length)
      .take(3)
      .toArray();
    expect(lengths).toEqual([100, 100, 100]);
    expect(await waiting).toMatchObject({ code: "ERR_CLOSED_PIPE" });
  });
});
