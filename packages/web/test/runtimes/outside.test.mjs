// The Web conversions used by other code, tested on the built package in any runtime with node:test.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { pipe, readAll } from "@pipe512/core";
import {
  fromReadableStream,
  fromWritableStream,
  pipeStream,
  toReadableStream,
  toWritableStream,
} from "@pipe512/web";

const sequence = (length, start = 0) =>
  Uint8Array.from({ length }, (_, index) => Math.imul(start + index, 0x9e3779b1) >>> 24);

const rejection = (promise) =>
  promise.then(
    () => assert.fail("it fulfilled"),
    (reason) => reason,
  );

async function settle(turns = 8) {
  for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** Returns the result of `promise`, or fails if it does not settle. */
async function soon(promise, what) {
  let state = "pending";
  const settled = () => {
    state = "settled";
  };
  promise.then(settled, settled);
  for (let turn = 0; turn < 100 && state === "pending"; turn++) await settle(1);
  if (state === "pending") assert.fail(`${what} hangs`);
  return promise;
}

/** Random numbers below `limit`. The same seed gives the same numbers. */
function random(seed) {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

const sizes = [1, 2, 16, 100, 511, 512, 513, 1033, 3000];

/** Mixes writes with default and BYOB reads that are released and left, then ends. */
async function mixture(byob, seed) {
  const below = random(seed);
  const { readable, writable } = pipeStream({ byob });
  const sink = writable.getWriter();
  const reads = [];
  const writes = [];
  let written = 0;
  let lock;
  const release = () => {
    if (lock?.mode === "loop") void lock.reader.return();
    else lock?.reader.releaseLock();
    lock = undefined;
  };
  const read = (mode, size) => {
    if (lock?.mode !== mode) {
      release();
      lock =
        mode === "loop"
          ? { mode, reader: readable.values({ preventCancel: true }) }
          : { mode, reader: mode === "byob" ? readable.getReader({ mode }) : readable.getReader() };
    }
    const { reader } = lock;
    const promise =
      mode === "loop" ? reader.next() : mode === "byob" ? reader.read(new Uint8Array(size)) : reader.read();
    promise.catch(() => {});
    reads.push(promise);
    return promise;
  };
  const modes = byob ? ["default", "byob", "byob", "loop"] : ["default", "loop"];
  for (let steps = below(14); steps > 0; steps--) {
    const size = sizes[below(sizes.length)];
    const what = below(10);
    if (what < 3) {
      writes.push(sink.write(sequence(size, written)));
      written += size;
    } else if (what < 6) {
      read(modes[below(modes.length)], size);
    } else if (what < 8) {
      release();
    } else if (what === 8) {
      await settle(1);
    } else {
      for (let passed = below(6); passed > 0; passed--) await Promise.resolve();
    }
  }
  release();
  writes.push(sink.close());
  const last = modes[below(modes.length)];
  for (;;) {
    const { done } = await soon(read(last, 700), `The last ${last} read`);
    if (done) break;
  }
  const parts = [];
  for (const one of await Promise.allSettled(reads)) {
    if (one.status === "fulfilled" && one.value.value) parts.push(...one.value.value);
  }
  assert.deepEqual(Uint8Array.from(parts), sequence(written));
  await soon(Promise.all(writes), "A write");
}

for (const byob of [true, false]) {
  test(`any mixture of reads of ${byob ? "a byte stream" : "a plain stream"} delivers every byte once and in order [WEB-013]`, async () => {
    const first = Date.now() % 1e9;
    for (let seed = first; seed < first + 300; seed++) {
      await mixture(byob, seed).catch((cause) => {
        throw new Error(`With seed ${seed}: ${cause.message}`, { cause });
      });
    }
  });
}

test("a BYOB read is served after one that was released before pull() [WEB-013]", async () => {
  const { readable, writable } = pipeStream();
  const left = readable.getReader({ mode: "byob" });
  left.read(new Uint8Array(8)).catch(() => {});
  left.releaseLock();
  await settle();
  await writable.getWriter().write(sequence(5));
  const { value } = await soon(readable.getReader({ mode: "byob" }).read(new Uint8Array(8)), "The read");
  assert.deepEqual(value, sequence(5));
});

describe("An idle stream over fromReadableStream()", () => {
  for (const how of ["close", "error"]) {
    test(`is notified of ${how}() [PIPE-009]`, async () => {
      let controller;
      const source = new ReadableStream({
        start: (given) => {
          controller = given;
        },
      });
      const reader = fromReadableStream(source);
      const { closed } = toReadableStream(reader).getReader();
      const told = closed.then(
        () => "closed",
        (reason) => reason,
      );
      await settle();
      controller[how]("broken");
      assert.equal(await soon(told, "closed"), how === "close" ? "closed" : "broken");
      await reader.closed;
      const answer = reader.read(new Uint8Array(0));
      if (how === "close") assert.equal(await answer, null);
      else await rejection(answer);
    });
  }
});

test("finish() resolves once the sink has closed, and rejects with its error [PIPE-016] [PIPE-017]", async () => {
  let closed = false;
  const good = new WritableStream({
    async close() {
      await settle();
      closed = true;
    },
  });
  await fromWritableStream(good).finish();
  assert.equal(closed, true);
  const failure = new Error("the disk is full");
  const bad = () => new WritableStream({ close: () => Promise.reject(failure) });
  assert.equal(await rejection(fromWritableStream(bad()).finish()), failure);
  const sink = toWritableStream(fromWritableStream(bad())).getWriter();
  sink.closed.catch(() => {});
  assert.equal(await rejection(sink.close()), failure);
});

test("signal errors a stream at once, and the other end with it [WEB-014]", async () => {
  const reason = new Error("enough");
  for (const byob of [true, false]) {
    const aborter = new AbortController();
    const { reader, writer } = pipe();
    const consumer = toReadableStream(reader, { byob, signal: aborter.signal }).getReader();
    consumer.closed.catch(() => {});
    const reading = rejection(consumer.read());
    await settle();
    aborter.abort(reason);
    assert.equal(await soon(reading, "The read"), reason);
    assert.equal(await rejection(writer.write(sequence(1))), reason);
  }
  const aborter = new AbortController();
  const { reader, writer } = pipe();
  const sink = toWritableStream(writer, { signal: aborter.signal }).getWriter();
  for (const promise of [sink.closed, sink.ready]) promise.catch(() => {});
  const written = rejection(sink.write(sequence(1033)));
  await settle();
  aborter.abort(reason);
  assert.equal(await soon(written, "The write"), reason);
  assert.equal(await reader.read(new Uint8Array(600)), 512);
  assert.equal(await rejection(reader.read(new Uint8Array(600))), reason);
});

test("a chunk may be any view or an ArrayBuffer [WEB-014]", async () => {
  const { readable, writable } = pipeStream();
  const bytes = readAll(fromReadableStream(readable));
  const sink = writable.getWriter();
  const memory = sequence(16).buffer;
  for (const chunk of [
    memory.slice(0, 4),
    new DataView(memory, 4, 4),
    new Uint16Array(memory, 8, 2),
    new Uint8Array(memory, 12),
  ]) {
    await sink.write(chunk);
  }
  await sink.close();
  assert.deepEqual(await bytes, sequence(16));
});

test("iterators have the engine's prototype, and settle in call order [WEB-006]", async () => {
  const prototype = Object.getPrototypeOf(Object.getPrototypeOf(async function* () {}).prototype);
  for (const stream of [pipeStream().readable, toReadableStream(pipe().reader)]) {
    const iterator = stream.values();
    assert.ok(prototype.isPrototypeOf(iterator));
    const order = [];
    const waiting = iterator.next().then(() => order.push("next"));
    await settle();
    const calls = ["return", "next", "return"].map((call) => iterator[call]().then(() => order.push(call)));
    await soon(Promise.all([waiting, ...calls]), "A call");
    assert.deepEqual(order, ["next", "return", "next", "return"]);
  }
});

test("a loop over fromReadableStream() gets every byte", async () => {
  const { readable, writable } = pipeStream();
  const sink = writable.getWriter();
  const written = sink.write(sequence(5000)).then(() => sink.close());
  const parts = [];
  for await (const chunk of fromReadableStream(readable, { chunkSize: 700 })) parts.push(...chunk);
  assert.deepEqual(Uint8Array.from(parts), sequence(5000));
  await written;
});
