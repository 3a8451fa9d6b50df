// The pipe between threads, tested on the built package, in any runtime that has node:test and node:worker_threads.
import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { readAll } from "@pipe512/core";
import {
  attachReader,
  attachWriter,
  sharedPipe,
  SharedCondition,
  SharedMutex,
  supervise,
} from "@pipe512/core/shared";

const TOTAL = 200_003;
const sequence = (length) => Uint8Array.from({ length }, (_, index) => Math.imul(index, 0x9e3779b1) >>> 24);

/** A thread of threads/sequence.mjs. */
function thread(handle, total = TOTAL) {
  const program = new URL("./threads/sequence.mjs", import.meta.url);
  const worker = new Worker(program, { workerData: { handle, total } });
  return { worker, ready: once(worker, "message") };
}

test("a thread blocks in writeSync(), this one awaits, and every byte arrives", async () => {
  const { readerHandle, writerHandle } = sharedPipe();
  thread(writerHandle);
  assert.deepEqual(await readAll(attachReader(readerHandle)), sequence(TOTAL));
});

test("this thread awaits write(), another one blocks in readSync(), and every byte arrives", async () => {
  const { readerHandle, writerHandle } = sharedPipe();
  const { worker, ready } = thread(readerHandle);
  await ready;
  const counted = once(worker, "message");
  const writer = attachWriter(writerHandle);
  await writer.write(sequence(TOTAL));
  writer.close();
  assert.deepEqual(await counted, [TOTAL]);
});

test("readSync() blocks this thread until another one has written", () => {
  const { readerHandle, writerHandle } = sharedPipe();
  const reader = attachReader(readerHandle);
  thread(writerHandle, 1033);
  const into = new Uint8Array(1033);
  assert.equal(reader.readFullSync(into, { timeoutMs: 20_000 }), 1033);
  assert.deepEqual(into, sequence(1033));
  assert.throws(() => attachReader(readerHandle), TypeError);
});

test("readSync() gives up in time", () => {
  const { readerHandle } = sharedPipe();
  assert.throws(() => attachReader(readerHandle).readSync(new Uint8Array(1), { timeoutMs: 5 }), {
    name: "TimeoutError",
    bytesRead: 0,
  });
});

for (const side of ["reader", "writer"]) {
  test(`a ${side} rejects when the thread on the other side dies`, async () => {
    const { readerHandle, writerHandle } = sharedPipe();
    const handle = side === "reader" ? writerHandle : readerHandle;
    const { worker, ready } = thread(handle, 2 ** 30);
    supervise(worker, handle);
    await ready;
    const into = new Uint8Array(700);
    const reader = side === "reader" ? attachReader(readerHandle) : undefined;
    const writer = side === "writer" ? attachWriter(writerHandle) : undefined;
    const going = (async () => {
      for (;;) await (reader?.read(into) ?? writer?.write(into));
    })();
    await Promise.all([assert.rejects(going, { code: "ERR_ABANDONED_PIPE" }), worker.terminate()]);
  });
}

for (const { ending, cause } of [
  { ending: "throws", cause: "RangeError: out of paper" },
  { ending: 0, cause: undefined },
  { ending: 3, cause: undefined },
]) {
  test(`a thread that ends says so itself to one that blocks: ${ending}`, () => {
    const { readerHandle, writerHandle } = sharedPipe();
    const program = new URL("./threads/ending.mjs", import.meta.url);
    new Worker(program, { workerData: { writerHandle, ending } }).on("error", () => {});
    const reader = attachReader(readerHandle);
    assert.equal(reader.readFullSync(new Uint8Array(5), { timeoutMs: 20_000 }), 5);
    assert.throws(
      () => reader.readSync(new Uint8Array(1), { timeoutMs: 20_000 }),
      (error) => {
        assert.equal(error.code, "ERR_ABANDONED_PIPE");
        assert.equal(error.cause && String(error.cause), cause);
        return true;
      },
    );
  });
}

test("threads of many that end by themselves leave the side open", async () => {
  const { readerHandle, writerHandle } = sharedPipe({ writers: "many" });
  const program = new URL("./threads/ending.mjs", import.meta.url);
  const workers = [1, 2].map(() => new Worker(program, { workerData: { writerHandle } }));
  for (const worker of workers) supervise(worker, writerHandle);
  void Promise.all(workers.map((worker) => once(worker, "exit"))).then(() =>
    attachWriter(writerHandle).close(),
  );
  assert.equal((await readAll(attachReader(readerHandle))).length, 10);
});

// A thread ends when nothing keeps it alive, and Atomics.waitAsync() alone does not.
for (const what of ["read", "lockAsync", "waitAsync"]) {
  test(`a ${what}() that waits keeps its thread alive`, async () => {
    const { readerHandle, writerHandle } = sharedPipe();
    const [mutex, condition] = [new SharedMutex(), new SharedCondition()];
    const token = SharedMutex.lock(mutex);
    const program = new URL("./threads/waiting.mjs", import.meta.url);
    const worker = new Worker(program, { workerData: { what, readerHandle, mutex, condition } });
    await once(worker, "message");
    let isOver = false;
    const settled = Promise.race([once(worker, "message"), once(worker, "exit")]).finally(() => {
      isOver = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 200));
    await attachWriter(writerHandle).write(sequence(1));
    token.unlock();
    while (!isOver) {
      SharedCondition.notify(condition);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    assert.deepEqual(await settled, ["settled"]);
    await worker.terminate();
  });
}

if ("Deno" in globalThis) {
  test("supervise() refuses a web worker of Deno, which does not tell that it has ended", () => {
    const worker = new globalThis.Worker("data:text/javascript,", { type: "module" });
    assert.throws(() => supervise(worker, sharedPipe().writerHandle), /node:worker_threads/);
    worker.terminate();
  });
}

if ("Bun" in globalThis) {
  test("a web worker of Bun tells supervise() that it has ended", async () => {
    const { readerHandle, writerHandle } = sharedPipe();
    const worker = new globalThis.Worker(new URL("./threads/idle.mjs", import.meta.url));
    supervise(worker, writerHandle);
    const reading = attachReader(readerHandle).read(new Uint8Array(1));
    worker.postMessage(writerHandle);
    await new Promise((resolve) => worker.addEventListener("message", resolve, { once: true }));
    worker.terminate();
    await assert.rejects(reading, { code: "ERR_ABANDONED_PIPE" });
  });
}

test("SharedMutex lets one in after the other", async () => {
  const mutex = new SharedMutex();
  const token = SharedMutex.lock(mutex);
  assert.equal(SharedMutex.lockIfAvailable(mutex, 1), null);
  const next = SharedMutex.lockAsync(mutex);
  token.unlock();
  (await next).unlock();
});
