// The most important behaviours of core, tested on the built package, in any runtime that has node:test.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  ClosedPipeError,
  copy,
  fromIterable,
  lines,
  PIPE_CAPACITY,
  pipe,
  readAll,
  readerFrom,
  readFull,
  readText,
  UnexpectedEndError,
  writerTo,
  writeText,
} from "@pipe512/core";
import { Condition, Mutex } from "@pipe512/core/sync";

const SIZES = [0, 1, 511, 512, 513, 1024, 1033];

/** Bytes that encode their position, so that a lost, duplicated or moved byte is detected. */
const sequence = (length) => Uint8Array.from({ length }, (_, index) => Math.imul(index, 0x9e3779b1) >>> 24);

/** Whether `promise` is still pending when no further progress is possible. */
async function pending(promise) {
  let waiting = true;
  const arrive = () => {
    waiting = false;
  };
  promise.then(arrive, arrive);
  for (let turn = 0; turn < 8; turn++) await new Promise((resolve) => setImmediate(resolve));
  return waiting;
}

/** The value that `promise` rejects with. */
const rejection = (promise) =>
  promise.then(
    () => assert.fail("it fulfilled"),
    (reason) => reason,
  );

describe("bytes", () => {
  for (const size of SIZES) {
    test(`PipeReader.read() gets the ${size} bytes of a write, in order`, async () => {
      const { reader, writer } = pipe();
      const written = writer.write(sequence(size));
      writer.close();
      assert.deepEqual(await readAll(reader), sequence(size));
      assert.equal(await written, size);
      assert.deepEqual([reader.bytesRead, writer.bytesWritten], [size, size]);
    });
  }

  test("PipeWriter.write() waits while the ring is full", async () => {
    const { reader, writer } = pipe();
    await writer.write(sequence(PIPE_CAPACITY));
    const more = writer.write(sequence(1));
    assert.equal(await pending(more), true);
    assert.equal(await reader.read(new Uint8Array(1)), 1);
    assert.equal(await more, 1);
  });

  test("PipeWriter.write() hands a large array to a reader that waits", async () => {
    const { reader, writer } = pipe();
    const into = new Uint8Array(100_000);
    const read = reader.read(into);
    assert.equal(await writer.write(sequence(100_000)), 100_000);
    assert.equal(await read, 100_000);
    assert.deepEqual(into, sequence(100_000));
  });

  test("PipeWriter.tryWrite() and PipeReader.tryRead() never wait", () => {
    const { reader, writer } = pipe();
    assert.equal(reader.tryRead(new Uint8Array(1)), 0);
    assert.equal(writer.tryWrite(sequence(1033)), PIPE_CAPACITY);
    assert.equal(reader.tryRead(new Uint8Array(1033)), PIPE_CAPACITY);
    writer.close();
    assert.equal(reader.tryRead(new Uint8Array(1)), null);
  });

  test("PipeReader.readChunk() returns the very array that was transferred", async () => {
    const { reader, writer } = pipe();
    const given = sequence(1033);
    const written = writer.write(given, { transfer: true });
    assert.equal(await reader.readChunk(), given);
    assert.equal(await written, 1033);
  });

  test("PipeWriter.flush() waits until every byte is taken", async () => {
    const { reader, writer } = pipe();
    await writer.write(sequence(2));
    const flushed = writer.flush();
    assert.equal(await pending(flushed), true);
    await reader.read(new Uint8Array(2));
    await flushed;
  });

  test("PipeReader yields every byte to for await, and leaving the loop closes it", async () => {
    const { reader, writer } = pipe();
    const written = writer.write(sequence(1033));
    for await (const chunk of reader) {
      assert.ok(chunk instanceof Uint8Array && chunk.length > 0);
      break;
    }
    await written.catch(() => undefined);
    await assert.rejects(writer.write(sequence(1)), { code: "ERR_CLOSED_PIPE", side: "reader" });
  });

  test("PipeReader.views() lends what was written", async () => {
    const { reader, writer } = pipe();
    const written = writer.write(sequence(1033)).then(() => writer.close());
    const seen = [];
    for await (const view of reader.views()) seen.push(...view);
    assert.deepEqual(Uint8Array.from(seen), sequence(1033));
    await written;
  });
});

describe("closing", () => {
  test("PipeWriter.close() lets the writes go on, and then is the end", async () => {
    const { reader, writer } = pipe();
    const written = writer.write(sequence(1024));
    writer.close();
    assert.equal((await rejection(writer.write(sequence(1)))).code, "ERR_CLOSED_PIPE");
    assert.equal((await readAll(reader)).length, 1024);
    assert.equal(await written, 1024);
    assert.equal(await reader.read(new Uint8Array(1)), null);
  });

  for (const error of [new Error("broken"), undefined, 0]) {
    test(`PipeWriter.closeWithError(${error}) reaches the reader as it is, after the bytes`, async () => {
      const { reader, writer } = pipe();
      await writer.write(sequence(3));
      writer.closeWithError(error);
      assert.equal(await reader.read(new Uint8Array(9)), 3);
      assert.equal(await rejection(reader.read(new Uint8Array(9))), error);
    });

    test(`PipeReader.closeWithError(${error}) reaches the write that waits as it is`, async () => {
      const { reader, writer } = pipe();
      const written = rejection(writer.write(sequence(513)));
      reader.closeWithError(error);
      assert.equal(await written, error);
    });
  }

  test("PipeReader.close() rejects the write that waits, which says how far it got", async () => {
    const { reader, writer } = pipe();
    const written = rejection(writer.write(sequence(513)));
    reader.close();
    const error = await written;
    assert.ok(error instanceof ClosedPipeError);
    assert.equal(error.bytesWritten, 512);
    await writer.closed;
  });

  test("pipe({ signal }) closes with the reason of the abort", async () => {
    const controller = new AbortController();
    const { reader } = pipe({ signal: controller.signal });
    const read = rejection(reader.read(new Uint8Array(1)));
    controller.abort("enough");
    assert.equal(await read, "enough");
  });

  test("PipeReader.read() rejects with the reason of its signal, and the pipe goes on", async () => {
    const { reader, writer } = pipe();
    const controller = new AbortController();
    const read = rejection(reader.read(new Uint8Array(1), { signal: controller.signal }));
    controller.abort();
    const reason = await read;
    assert.equal(reason, controller.signal.reason);
    assert.equal(reason.name, "AbortError");
    await writer.write(sequence(1));
    assert.equal(await reader.read(new Uint8Array(1)), 1);
  });

  test("PipeWriter.write() rejects a value that is not a Uint8Array", async () => {
    const { writer } = pipe();
    await assert.rejects(writer.write("text"), { name: "TypeError" });
  });
});

describe("helpers", () => {
  test("copy() moves everything", async () => {
    const { reader, writer } = pipe();
    const all = readAll(reader);
    assert.equal(await copy(fromIterable([sequence(1033)]), writer), 1033);
    writer.close();
    assert.deepEqual(await all, sequence(1033));
  });

  test("readText() and writeText() carry text", async () => {
    const { reader, writer } = pipe();
    const text = "straße €\u{1f600}".repeat(100);
    const written = writeText(writer, text);
    void written.then(() => writer.close());
    assert.equal(await readText(reader), text);
    assert.equal(await written, new TextEncoder().encode(text).length);
  });

  test("readFull() says where the stream ended", async () => {
    const error = await rejection(readFull(fromIterable([sequence(3)]), new Uint8Array(9)));
    assert.ok(error instanceof UnexpectedEndError);
    assert.equal(error.bytesRead, 3);
  });

  test("lines() splits what a producer writes", async () => {
    const reader = readerFrom(async (writer) => {
      await writeText(writer, "one\r\ntw");
      await writeText(writer, "o\nthree");
    });
    const seen = [];
    for await (const line of lines(reader)) seen.push(line);
    assert.deepEqual(seen, ["one", "two", "three"]);
  });

  test("writerTo() gives the result of its consumer", async () => {
    const { writer, result } = writerTo((reader) => readText(reader));
    await writeText(writer, "text");
    writer.close();
    assert.equal(await result, "text");
  });
});

describe("sync", () => {
  test("Mutex.lock() is given in call order", async () => {
    const mutex = new Mutex();
    const first = await mutex.lock();
    const second = mutex.lock();
    assert.equal(mutex.tryLock(), null);
    assert.equal(await pending(second), true);
    first.unlock();
    (await second).unlock();
    mutex.tryLock().unlock();
  });

  test("Condition.notify() wakes the one that waits", async () => {
    const mutex = new Mutex();
    const condition = new Condition();
    const guard = await mutex.lock();
    const woken = condition.wait(guard);
    assert.equal(await pending(woken), true);
    condition.notify();
    await woken;
    guard.unlock();
  });
});
