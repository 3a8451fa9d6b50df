import { getEventListeners } from "node:events";
import { pipe } from "@pipe512/core";
import { expectSequence, joined, sequence } from "@pipe512/testing/bytes";
import { rejection, watch } from "@pipe512/testing/promises";
import { pending, settle } from "@pipe512/testing/turns";
import { describe, expect, test } from "vitest";

const done = { done: true, value: undefined };

describe("chunks", () => {
  // Red when: all chunks are views of one reused array.
  test("PipeReader.chunks() yields arrays that do not change while the stream goes on [PIPE-012]", async () => {
    const { reader, writer } = pipe();
    const chunks: Uint8Array[] = [];
    const writing = (async () => {
      for (let start = 0; start < 10_000; start += 100) await writer.write(sequence(100, start));
      writer.close();
    })();
    for await (const chunk of reader) chunks.push(chunk);
    await writing;
    const received = joined(chunks);
    expect(received.length).toBe(10_000);
    expectSequence(received);
    expect(new Set(chunks.map(({ buffer }) => buffer)).size).toBe(chunks.length);
  });

  // Red when: a chunk is a view of the waiting writer's array.
  test.for([100, 1033])(
    "PipeReader.chunks() never yields the writer's array of %i bytes unless it was transferred [PIPE-012]",
    async (size) => {
      const { reader, writer } = pipe();
      const bytes = sequence(size);
      const chunks = reader.chunks();
      const waiting = chunks.next();
      await writer.write(bytes);
      const writing = writer.write(bytes);
      const later = (await chunks.next()).value;
      await writing;
      bytes.fill(0xff);
      expectSequence((await waiting).value);
      expectSequence(later);
    },
  );

  // Red when: a chunk is a view of the ring.
  test("PipeReader.chunks() yields arrays that the consumer may change and transfer [PIPE-012]", async () => {
    const { reader, writer } = pipe();
    writer.tryWrite(sequence(200));
    const chunks = reader.chunks({ maxBytes: 100 });
    const { buffer } = (await chunks.next()).value.fill(0xff);
    structuredClone(buffer, { transfer: [buffer] });
    expectSequence((await chunks.next()).value, 100);
    expect(writer.tryWrite(sequence(512))).toBe(512);
    expectSequence((await chunks.next()).value);
  });

  // Red when: chunks have all available bytes even without maxBytes.
  test("PipeReader.chunks() yields at most maxBytes, 65,536 by default [PIPE-012]", async () => {
    const { reader, writer } = pipe();
    writer.tryWrite(sequence(250));
    const small = reader.chunks({ maxBytes: 100, preventClose: true });
    const lengths = [await small.next(), await small.next(), await small.next()].map(
      ({ value }) => value?.length,
    );
    expect(lengths).toEqual([100, 100, 50]);
    watch(writer.write(sequence(70_000)));
    expect((await reader.chunks().next()).value).toHaveLength(65_536);
  });

  // Red when: the end is yielded as an empty chunk.
  test("PipeReader.chunks() ends with the stream, and stays ended [PIPE-012]", async () => {
    const { reader, writer } = pipe();
    writer.tryWrite(sequence(10));
    writer.close();
    const chunks = reader[Symbol.asyncIterator]();
    expect((await chunks.next()).value).toEqual(sequence(10));
    expect(await chunks.next()).toEqual(done);
    expect(await chunks.next()).toEqual(done);
  });

  // Red when: an iteration treats an error as the end.
  test.for([new Error("the disk is gone"), undefined])(
    "PipeReader.chunks() fails with the writer's error (%s) after the accepted bytes [PIPE-012] [PIPE-022]",
    async (error) => {
      const { reader, writer } = pipe();
      writer.tryWrite(sequence(10));
      writer.closeWithError(error);
      const chunks = reader.chunks();
      expect((await chunks.next()).value).toHaveLength(10);
      expect(await rejection(chunks.next())).toBe(error);
      expect(await chunks.next()).toEqual(done);
    },
  );

  // Red when: the calls that wait for a mutex are served in reverse order.
  test("PipeReader.chunks() serves calls of next() in their order [PIPE-007] [PIPE-012]", async () => {
    const { reader, writer } = pipe();
    const chunks = reader.chunks({ maxBytes: 5 });
    const calls = [chunks.next(), chunks.next(), chunks.next()];
    await writer.write(sequence(10));
    writer.close();
    const [first, second, third] = await Promise.all(calls);
    expect([first?.value, second?.value, third?.done]).toEqual([sequence(5), sequence(5, 5), true]);
  });
});

describe("leaving", () => {
  // Red when: leaving the loop does not close the reader.
  test("PipeReader.chunks() closes the reader when the loop is left [PIPE-012]", async () => {
    const { reader, writer } = pipe();
    const writing = rejection(writer.write(sequence(70_000)));
    for await (const chunk of reader) {
      expectSequence(chunk);
      break;
    }
    expect(await writing).toMatchObject({ code: "ERR_CLOSED_PIPE", side: "reader" });
    expect(await rejection(writer.write(sequence(1)))).toMatchObject({
      code: "ERR_CLOSED_PIPE",
      side: "reader",
    });
  });

  // Red when: leaving the loop does not close the reader.
  test("PipeReader.chunks() closes the reader when the loop throws, and lets the throw pass [PIPE-012]", async () => {
    const { reader, writer } = pipe();
    writer.tryWrite(sequence(10));
    const error = new Error("not what was expected");
    const loop = (async () => {
      for await (const chunk of reader) throw chunk.length === 10 ? error : new Error("wrong chunk");
    })();
    expect(await rejection(loop)).toBe(error);
    await expect(writer.write(sequence(1))).rejects.toMatchObject({
      code: "ERR_CLOSED_PIPE",
      side: "reader",
    });
  });

  // Red when: preventClose is ignored when the loop is left.
  test("PipeReader.chunks() with preventClose leaves what was not yielded readable [PIPE-012]", async () => {
    const { reader, writer } = pipe();
    const writing = writer.write(sequence(1033));
    for await (const chunk of reader.chunks({ maxBytes: 100, preventClose: true })) {
      expectSequence(chunk);
      break;
    }
    const rest = new Uint8Array(2000);
    expect(await reader.read(rest)).toBe(933);
    expectSequence(rest.subarray(0, 933), 100);
    expect(await writing).toBe(1033);
  });

  // Red when: return() ends only the first of the waiting steps.
  test.for([true, false])(
    "PipeReader.chunks() ends waiting calls of next() with done when return() meets them, preventClose %s [PIPE-012]",
    async (preventClose) => {
      const { reader, writer } = pipe();
      const chunks = reader.chunks({ preventClose });
      const nexts = [chunks.next(), chunks.next()];
      expect(await chunks.return?.()).toEqual(done);
      expect(await Promise.all(nexts)).toEqual([done, done]);
      expect(await chunks.next()).toEqual(done);
      if (preventClose) expect(await writer.write(sequence(10))).toBe(10);
      else
        await expect(writer.write(sequence(10))).rejects.toMatchObject({
          code: "ERR_CLOSED_PIPE",
          side: "reader",
        });
    },
  );

  // Red when: return() leaves the waiting steps in the queue.
  test("PipeReader.chunks() with preventClose loses no byte when return() meets a waiting next() [PIPE-012]", async () => {
    const { reader, writer } = pipe();
    const chunks = reader.chunks({ preventClose: true });
    const next = chunks.next();
    const leaving = chunks.return?.();
    writer.tryWrite(sequence(10));
    expect(await next).toEqual(done);
    expect(await leaving).toEqual(done);
    const into = new Uint8Array(20);
    expect(reader.tryRead(into)).toBe(10);
    expectSequence(into.subarray(0, 10));
  });

  // Red when: return() drops a chunk that arrived before it.
  test("PipeReader.chunks() with preventClose yields what came before return() [PIPE-012]", async () => {
    const { reader, writer } = pipe();
    const chunks = reader.chunks({ preventClose: true });
    const next = chunks.next();
    writer.tryWrite(sequence(10));
    const leaving = chunks.return?.();
    expect((await next).value).toEqual(sequence(10));
    expect(await leaving).toEqual(done);
    expect(reader.tryRead(new Uint8Array(20))).toBe(0);
  });

  // Red when: return() ends all waiting reads, including those of other callers.
  test("PipeReader.chunks() can be aborted in the middle of the queue of reads [PIPE-012]", async () => {
    const { reader, writer } = pipe();
    const before = reader.read(new Uint8Array(3));
    const chunks = reader.chunks({ preventClose: true });
    const next = chunks.next();
    const after = reader.read(new Uint8Array(10));
    await chunks.return?.();
    expect(await next).toEqual(done);
    await writer.write(sequence(8));
    expect([await before, await after]).toEqual([3, 5]);
  });

  // Red when: a step continues after return().
  test("PipeReader.chunks() stays ended after return(), also with bytes there [PIPE-012]", async () => {
    const { reader, writer } = pipe();
    const chunks = reader.chunks({ preventClose: true });
    writer.tryWrite(sequence(10));
    await chunks.return?.();
    expect(await chunks.next()).toEqual(done);
    expect(reader.tryRead(new Uint8Array(20))).toBe(10);
  });
});

describe("signal", () => {
  // Red when: the abort of an iteration closes the reader without the reason.
  test("PipeReader.chunks() ends a waiting next() with the reason and closes the reader with it [PIPE-012]", async () => {
    const { reader, writer } = pipe();
    const controller = new AbortController();
    const chunks = reader.chunks({ signal: controller.signal });
    const next = rejection(chunks.next());
    const reason = new Error("no longer needed");
    controller.abort(reason);
    expect(await next).toBe(reason);
    expect(await rejection(writer.write(sequence(1)))).toBe(reason);
    expect(await chunks.next()).toEqual(done);
    expect(getEventListeners(controller.signal, "abort")).toHaveLength(0);
  });

  // Red when: the abort of an iteration takes effect only while a step waits.
  test("PipeReader.chunks() closes the reader at the abort, also between two steps [PIPE-012]", async () => {
    const { reader, writer } = pipe();
    const controller = new AbortController();
    const writing = rejection(writer.write(sequence(2000)));
    const chunks = reader.chunks({ maxBytes: 10, signal: controller.signal });
    await chunks.next();
    controller.abort(0);
    expect(await writing).toBe(0);
    expect(await rejection(chunks.next())).toBe(0);
    expect(await chunks.next()).toEqual(done);
    expect(getEventListeners(controller.signal, "abort")).toHaveLength(0);
  });

  // Red when: an iteration does not check whether its signal is already aborted.
  test("PipeReader.chunks() with an aborted signal yields nothing and closes the reader with the reason [PIPE-012] [PIPE-030]", async () => {
    const { reader, writer } = pipe();
    writer.tryWrite(sequence(10));
    const chunks = reader.chunks({ signal: AbortSignal.abort("stop") });
    expect(await rejection(chunks.next())).toBe("stop");
    expect(await chunks.next()).toEqual(done);
    expect(await rejection(writer.write(sequence(1)))).toBe("stop");
  });

  // Red when: preventClose is ignored at the abort of an iteration.
  test("PipeReader.chunks() with preventClose ends with the reason and leaves the reader open [PIPE-012]", async () => {
    const { reader, writer } = pipe();
    const controller = new AbortController();
    const chunks = reader.chunks({ signal: controller.signal, preventClose: true });
    const next = rejection(chunks.next());
    controller.abort("stop");
    writer.tryWrite(sequence(10));
    expect(await next).toBe("stop");
    expect(await chunks.next()).toEqual(done);
    const into = new Uint8Array(20);
    expect(await reader.read(into)).toBe(10);
    expectSequence(into.subarray(0, 10));
    expect(getEventListeners(controller.signal, "abort")).toHaveLength(0);
  });

  // Red when: an iteration does not remove its listener from the signal.
  test("PipeReader.chunks() ignores its signal once the loop is left [PIPE-012] [PIPE-032]", async () => {
    const { reader, writer } = pipe();
    const controller = new AbortController();
    writer.tryWrite(sequence(10));
    const chunks = reader.chunks({ signal: controller.signal, preventClose: true });
    await chunks.next();
    await chunks.return?.();
    expect(getEventListeners(controller.signal, "abort")).toHaveLength(0);
    controller.abort("late");
    expect(await writer.write(sequence(1))).toBe(1);
    expect(await pending(reader.read(new Uint8Array(1)))).toBe(false);
  });

  // Red when: an iteration does not remove its listener from the signal.
  test("PipeReader.chunks() leaves no listener behind when the stream ends or fails [PIPE-012] [PIPE-032]", async () => {
    const { signal } = new AbortController();
    const ended = pipe();
    const last = ended.reader.chunks({ signal }).next();
    ended.writer.close();
    expect(await last).toEqual(done);
    const failed = pipe();
    const failure = rejection(failed.reader.chunks({ signal }).next());
    failed.writer.closeWithError("gone");
    expect(await failure).toBe("gone");
    expect(getEventListeners(signal, "abort")).toHaveLength(0);
  });
});

// Red when: the reader's close does not reject its own waiting reads.
test("PipeReader.chunks() rejects a waiting next() when the reader is closed under it [PIPE-012] [PIPE-023]", async () => {
  const { reader } = pipe();
  const chunks = reader.chunks();
  const next = watch(chunks.next());
  reader.close();
  await settle();
  expect(next).toMatchObject({ state: "rejected", reason: { code: "ERR_CLOSED_PIPE", side: "reader" } });
  expect(await chunks.next()).toEqual(done);
});
