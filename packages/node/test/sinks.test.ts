import { Duplex, Readable, Transform, Writable } from "node:stream";
import { finished, pipeline } from "node:stream/promises";
import { pipe, readAll, type Writer } from "@pipe512/core";
import { fromReadable, fromWritable, toWritable } from "@pipe512/node";
import { describe, expect, test } from "vitest";
import { sequence } from "./support/bytes.ts";
import { pending, rejection, settle, stray, watch } from "./support/turns.ts";

const failure = new Error("the disk is full");

/** A sink that fails at one step, in a later iteration of the event loop. */
function failing(step: "construct" | "write" | "final" | "destroy"): Writable {
  return new Writable({
    construct: (done) => void setImmediate(done, step === "construct" ? failure : null),
    write: (_chunk, _encoding, done) => void setImmediate(done, step === "write" ? failure : null),
    final: (done) => void setImmediate(done, step === "final" ? failure : null),
    destroy: (error, done) => void setImmediate(done, step === "destroy" ? failure : error),
  });
}

describe("finish()", () => {
  // Red when: finish() resolves at the end() of the stream, or at its last write.
  test("finish() closes the writer, and resolves when the sink has finished and closed [PIPE-016]", async () => {
    const steps: Array<() => void> = [];
    const sink = new Writable({
      write: (_chunk, _encoding, done) => void steps.push(done),
      final: (done) => void steps.push(done),
      destroy: (error, done) => void steps.push(() => done(error)),
    });
    const writer = fromWritable(sink);
    void writer.write(sequence(5));
    const done = watch(writer.finish());
    expect(await rejection(writer.write(sequence(1)))).toMatchObject({ side: "writer" });
    for (let step = 0; step < 3; step++) {
      await settle();
      expect([done.state, steps.length]).toEqual(["pending", 1]);
      steps.shift()?.();
    }
    await settle();
    expect(done.state).toBe("fulfilled");
    await writer.finish();
  });

  // Red when: an error of the sink is lost at one of its steps.
  test.each(["construct", "write", "final", "destroy"] as const)(
    "a sink that fails to %s rejects finish() with its own error [NODE-012] [PIPE-017]",
    async (step) => {
      const strays = await stray(async () => {
        const writer = fromWritable(failing(step));
        await writer.write(sequence(5)).catch(() => {});
        expect(await rejection(writer.finish())).toBe(failure);
        expect(await rejection(writer.finish())).toBe(failure);
      });
      expect(strays).toEqual([]);
    },
  );

  // Red when: the error of a closed writer is lost, or an error that rejected a call is also thrown.
  test.each(["construct", "write", "final", "destroy"] as const)(
    "a sink that fails to %s causes an uncaught exception if no call follows close() [NODE-012] [PIPE-017]",
    async (step) => {
      const strays = await stray(async () => {
        const writer = fromWritable(failing(step));
        await writer.write(sequence(5)).catch(() => {});
        writer.close();
        await writer.closed;
        await settle();
      });
      expect(strays).toEqual([failure]);
    },
  );

  // Red when: an error between the last write and close() is lost.
  test("an error of an idle sink rejects the next write, or a finish() directly after close(), or is uncaught [PIPE-017]", async () => {
    const strays = await stray(async () => {
      const [next, finish, close] = [0, 1, 2].map(() => {
        const sink = new Writable({ write: (_chunk, _encoding, done) => done() });
        return { sink, writer: fromWritable(sink) };
      }) as [Idle, Idle, Idle];
      for (const { sink } of [next, finish, close]) sink.destroy(failure);
      await settle();
      expect(await rejection(next.writer.write(sequence(1)))).toBe(failure);
      next.writer.close();
      finish.writer.close();
      expect(await rejection(finish.writer.finish())).toBe(failure);
      close.writer.close();
      await settle();
    });
    expect(strays).toEqual([failure]);
  });

  // Red when: the writer throws although the stream has another listener, or throws the error of its own
  // closeWithError().
  test("an error with another listener, and the error of closeWithError(), are not uncaught [PIPE-017]", async () => {
    const heard: unknown[] = [];
    const strays = await stray(async () => {
      const writer = fromWritable(failing("final").on("error", (error) => heard.push(error)));
      writer.close();
      const own = fromWritable(new Writable({ write() {} }));
      own.closeWithError(failure);
      await settle();
      expect(await rejection(own.finish())).toBe(failure);
    });
    expect([heard, strays]).toEqual([[failure], []]);
  });

  // Red when: a sink destroyed without an error counts as finished.
  test("a sink destroyed without an error rejects finish() with a ClosedPipeError [PIPE-017]", async () => {
    const sink = new Writable({ write() {} });
    const writer = fromWritable(sink);
    void writer.write(sequence(5));
    const done = rejection(writer.finish());
    await settle();
    sink.destroy();
    expect(await done).toMatchObject({ code: "ERR_CLOSED_PIPE", operation: "finish" });
  });

  // Red when: an abort ends the sink, or leaves finish() pending.
  test("an aborted finish() rejects with signal.reason, and the writer is still closed [PIPE-016]", async () => {
    const steps: Array<() => void> = [];
    const sink = new Writable({ write() {}, final: (done) => void steps.push(done) });
    const writer = fromWritable(sink);
    const aborter = new AbortController();
    const done = rejection(writer.finish({ signal: aborter.signal }));
    aborter.abort(failure);
    expect(await done).toBe(failure);
    steps.shift()?.();
    await finished(sink);
    expect(await rejection(writer.finish({ signal: {} as AbortSignal }))).toBeInstanceOf(TypeError);
  });

  // Red when: finish() of a duplex waits for its readable side, which is not read.
  test("finish() of a duplex waits only for its writable side [PIPE-016]", async () => {
    const duplex = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() });
    await fromWritable(duplex).finish();
    expect([duplex.writableFinished, duplex.readable]).toEqual([true, true]);
    const transform = new Transform({ transform: (chunk, _encoding, done) => done(null, chunk) });
    const writer = fromWritable(transform);
    await writer.write(sequence(5));
    await writer.finish();
  });
});

// Red when: the stream finishes when its writer is closed, or loses the error of finish().
test("toWritable() over a writer with finish() finishes when finish() resolves, and fails with its error [PIPE-016] [PIPE-017]", async () => {
  const { reader, writer } = pipe();
  let finish: (value?: unknown) => void = () => {};
  const sink: Writer = {
    write: (bytes, options) => writer.write(bytes, options),
    close: () => writer.close(),
    closeWithError: (error) => writer.closeWithError(error),
    finish: () => new Promise((resolve) => (finish = resolve)).then(() => writer.close()),
  };
  const done = pipeline(Readable.from([sequence(5)], { objectMode: false }), toWritable(sink));
  expect(await pending(done)).toBe(true);
  finish();
  await done;
  expect((await readAll(reader)).length).toBe(5);
  const broken: Writer = {
    write: async (bytes) => bytes.length,
    close() {},
    closeWithError() {},
    finish: () => Promise.reject(failure),
  };
  expect(await rejection(pipeline(Readable.from([], { objectMode: false }), toWritable(broken)))).toBe(
    failure,
  );
});

describe("fromReadable()", () => {
  // Red when: a stream in object mode is rejected, or strings are encoded wrongly.
  test("fromReadable() reads Readable.from() over Buffers, byte arrays and strings [NODE-012]", async () => {
    const sources = [Buffer.from("a"), new Uint8Array([98]), "", "€", Buffer.alloc(0), "d"];
    expect(String(Buffer.from(await readAll(fromReadable(Readable.from(sources)))))).toBe("ab€d");
    expect(String(Buffer.from(await readAll(fromReadable(Readable.from(Buffer.from("whole"))))))).toBe(
      "whole",
    );
    expect(String(Buffer.from(await readAll(fromReadable(Readable.from("text")))))).toBe("text");
  });

  // Red when: an object is skipped, or its error overtakes earlier bytes.
  test.each([[{}], [5], [null], [new Date(0)], [["x"]]])(
    "fromReadable() rejects with a TypeError at the first value that is neither bytes nor a string: %o [NODE-012]",
    async (value) => {
      const source = new Readable({ objectMode: true, read() {} });
      for (const chunk of ["one", value, "two"]) if (chunk !== null) source.push(chunk);
      const reader = fromReadable(source);
      if (value === null) {
        source.push(null);
        expect(String(Buffer.from(await readAll(reader)))).toBe("onetwo");
        return;
      }
      const into = Buffer.alloc(9);
      expect(await reader.read(into)).toBe(3);
      const error = await rejection(reader.read(into));
      expect(error).toBeInstanceOf(TypeError);
      expect(error.message).toMatch(
        /^Cannot read on: the stream delivered (an object|5|an instance of Date|an array)/,
      );
      expect(source.destroyed).toBe(true);
    },
  );

  // Red when: the reader's type is not an async iterable, or leaving the loop keeps the stream open.
  test("fromReadable() is an async iterable of chunks, and leaving the loop destroys the stream [NODE-012]", async () => {
    const source = Readable.from([sequence(700), sequence(700, 700)]);
    let received = 0;
    for await (const chunk of fromReadable(source)) {
      received += chunk.length;
      if (received >= 700) break;
    }
    await settle();
    expect([received, source.destroyed]).toEqual([700, true]);
    const reader = fromReadable(Readable.from(["x"]));
    const parts: Uint8Array[] = [];
    for await (const chunk of reader) parts.push(chunk);
    expect(parts.map(String)).toEqual(["120"]);
    const idle = fromReadable(new Readable({ read() {} }))[Symbol.asyncIterator]();
    const waiting = idle.next();
    await idle.return?.();
    expect(await waiting).toEqual({ done: true, value: undefined });
  });
});

interface Idle {
  readonly sink: Writable;
  readonly writer: ReturnType<typeof fromWritable>;
}
