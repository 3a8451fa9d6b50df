import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { readText } from "@pipe512/core";
import { attachReader, attachWriter, type SharedHandle, sharedPipe, supervise } from "@pipe512/core/shared";
import { rejection, thrown } from "@pipe512/testing/promises";
import { describe, expect, test, vi } from "vitest";
import { WRITER_ATTACHED } from "../../src/shared/layout.ts";
import { standing } from "../../src/shared/roster.ts";
import { thisThread } from "../../src/shared/thread.ts";

/** A thread that runs `code`, which can use `attachWriter`, `produce` and `handle`. */
function thread(code: string, handle: SharedHandle): Worker {
  const program = `import("@pipe512/core/shared").then(async ({ attachWriter, produce }) => {
    const { workerData: handle } = require("node:worker_threads");
    ${code}
  });`;
  const worker = new Worker(program, {
    eval: true,
    workerData: handle,
    execArgv: ["--conditions=@pipe512/source"],
  });
  worker.on("error", () => {});
  return worker;
}

const BYTES = 'new TextEncoder().encode("hello\\n")';

describe("how a thread ends", { timeout: 20_000 }, () => {
  // Red when: an exit with code 0 fails the side of "many"; or the pool of the README does not end.
  test("a pool of four supervised workers that end by themselves is not a loss [SHARED-003]", async () => {
    const { readerHandle, writerHandle } = sharedPipe({ writers: "many" });
    const ways = [
      `attachWriter(handle).writeSync(${BYTES});`,
      `await produce(handle, (writer) => writer.write(${BYTES}));`,
    ];
    const workers = [0, 1, 2, 3].map((n) => thread(ways[n % 2] as string, writerHandle));
    for (const worker of workers) supervise(worker, writerHandle);
    void Promise.all(workers.map((worker) => once(worker, "exit"))).then(() =>
      attachWriter(writerHandle).close(),
    );
    expect(await readText(attachReader(readerHandle))).toBe("hello\n".repeat(4));
  });

  // Red when: a terminated thread, or a thread with a call in progress, counts as one that has detached.
  test.for([
    ["exits with a code", `attachWriter(handle).writeSync(${BYTES}); process.exit(3);`],
    [
      "exits with a call in progress",
      "void attachWriter(handle).write(new Uint8Array(1 << 20)); process.exit(0);",
    ],
  ])("a worker of many that %s fails the side [SHARED-003]", async ([, code]) => {
    const { readerHandle, writerHandle } = sharedPipe({ writers: "many" });
    supervise(thread(code as string, writerHandle), writerHandle);
    expect(await rejection(readText(attachReader(readerHandle)))).toMatchObject({
      code: "ERR_ABANDONED_PIPE",
      side: "writer",
    });
  });

  // Red when: a thread that never attached the end counts as lost; or the loss is derived from the state of the side.
  test.for(["one", "many"] as const)(
    "a worker that never attached, or closed before, is not a loss: %s [SHARED-003]",
    async (writers) => {
      const { readerHandle, writerHandle } = sharedPipe({ writers });
      const idle = thread("", writerHandle);
      supervise(idle, writerHandle);
      const reader = attachReader(readerHandle);
      const writer = writers === "many" ? attachWriter(writerHandle) : undefined;
      await once(idle, "exit");
      const feeder = thread(
        `const writer = attachWriter(handle); writer.writeSync(${BYTES}); writer.close(); process.exit(3);`,
        writerHandle,
      );
      supervise(feeder, writerHandle);
      expect(await readText(reader)).toBe("hello\n");
      expect(writer?.bytesWritten ?? 0).toBe(0);
    },
  );

  // Red when: the worker does not report the error that it throws; or the error is not stored.
  test("a worker that throws wakes a thread that blocks, with the error as the cause [SHARED-003]", () => {
    const { readerHandle, writerHandle } = sharedPipe();
    thread(
      `attachWriter(handle).writeSync(${BYTES}); throw Object.assign(new RangeError("out of paper"), { code: "EPAPER" });`,
      writerHandle,
    );
    const reader = attachReader(readerHandle);
    expect(reader.readFullSync(new Uint8Array(6), { timeoutMs: 20_000 })).toBe(6);
    expect(thrown(() => reader.readSync(new Uint8Array(1), { timeoutMs: 20_000 }))).toMatchObject({
      code: "ERR_ABANDONED_PIPE",
      cause: { name: "RangeError", message: "out of paper", code: "EPAPER" },
    });
  });

  // Red when: the side is attached before its thread is on the roster, so that a death in between is not detected and the reader waits for ever.
  test.for(["one", "many"] as const)(
    "a worker that dies in the step in which it attaches a side of %s is a loss [SHARED-003]",
    async (writers) => {
      const { readerHandle, writerHandle } = sharedPipe({ writers });
      const worker = thread(
        `const { or } = Atomics;
        Atomics.or = (...args) => { or(...args); process.exit(1); };
        attachWriter(handle);`,
        writerHandle,
      );
      supervise(worker, writerHandle);
      const read = attachReader(readerHandle).read(new Uint8Array(1));
      expect(await rejection(read)).toMatchObject({ code: "ERR_ABANDONED_PIPE", side: "writer" });
    },
  );

  // Red when: the second thread stays on the roster, so that its death counts as the loss of the writer.
  test("a thread that loses the race for a side of one is not on its roster [SHARED-003] [SHARED-006]", () => {
    const { writerHandle } = sharedPipe();
    const words = new Int32Array(writerHandle.buffer);
    const racing = vi.spyOn(Atomics as unknown as { or(): number }, "or").mockImplementationOnce(() => {
      expect(standing(words, "writer", thisThread)).toBe("here");
      return WRITER_ATTACHED; // Another thread was first.
    });
    expect(() => attachWriter(writerHandle)).toThrow("already attached");
    racing.mockRestore();
    expect(standing(words, "writer", thisThread)).toBe("left");
  });

  // Red when: the notification of the thread's end overtakes a close in an exit listener that was added later.
  test("a worker may close its end when it exits [SHARED-003]", async () => {
    const { readerHandle, writerHandle } = sharedPipe();
    thread(
      `const writer = attachWriter(handle); writer.writeSync(${BYTES}); process.on("exit", () => writer.close());`,
      writerHandle,
    );
    expect(await readText(attachReader(readerHandle))).toBe("hello\n");
  });
});

describe("linesSync({ timeoutMs })", () => {
  // Red when: the timeout is ignored; or a step that timed out loses its line or closes the pipe.
  test("throws a TimeoutError at a step that takes longer, and the next step goes on [SHARED-001]", () => {
    const { readerHandle, writerHandle } = sharedPipe();
    const [reader, writer] = [attachReader(readerHandle), attachWriter(writerHandle)];
    const text = (value: string) => writer.writeSync(new TextEncoder().encode(value));
    const lines = reader.linesSync({ timeoutMs: 1 });
    text("one\ntw");
    expect(lines.next()).toEqual({ done: false, value: "one" });
    for (const step of [() => lines.next(), () => lines.next({ timeoutMs: 2 })]) {
      expect(thrown(step)).toMatchObject({ name: "TimeoutError", code: "ERR_TIMEOUT" });
    }
    text("o\nthree");
    writer.close();
    expect([...lines]).toEqual(["two", "three"]);
    expect(() => reader.linesSync({ timeoutMs: -1 })).toThrow(RangeError);
  });
});

describe("two closes", () => {
  // Red when: a flush after an own close() rejects with the error of the reader; or both sides store their error in the same area.
  test("a new flush() after an own close() gets ClosedPipeError, and each side keeps its error [SHARED-010]", async () => {
    const { readerHandle, writerHandle } = sharedPipe({ readers: "many", writers: "many" });
    const [reader, writer] = [attachReader(readerHandle), attachWriter(writerHandle)];
    await writer.write(new Uint8Array(3));
    writer.closeWithError(new Error("of the writer"));
    reader.closeWithError(new Error("of the reader"));
    expect(await rejection(writer.flush())).toMatchObject({
      code: "ERR_CLOSED_PIPE",
      side: "writer",
      cause: { message: "of the writer" },
    });
    expect(await rejection(attachReader(readerHandle).read(new Uint8Array(1)))).toMatchObject({
      side: "reader",
      cause: { message: "of the reader" },
    });
    const ended = sharedPipe();
    const [last, first] = [attachReader(ended.readerHandle), attachWriter(ended.writerHandle)];
    await first.write(new Uint8Array(3));
    first.close();
    last.closeWithError(new Error("E"));
    for (const call of [() => first.write(new Uint8Array(1)), () => first.flush()]) {
      expect(await rejection(call())).toMatchObject({ name: "ClosedPipeError", side: "writer" });
    }
  });
});
