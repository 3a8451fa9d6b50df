// The main behaviour of the Web conversions, tested on the built package in any runtime with node:test.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { pipe, readAll, readText, writeText } from "@pipe512/core";
import {
  fromReadableStream,
  fromWritableStream,
  pipeStream,
  toReadableStream,
  toWritableStream,
} from "@pipe512/web";

/** Bytes that encode their position, so that a lost, duplicated or moved byte is detected. */
const sequence = (length) => Uint8Array.from({ length }, (_, index) => Math.imul(index, 0x9e3779b1) >>> 24);
/** Bun 1.4 cannot send a stream to another thread. */
const transfersStreams = (() => {
  try {
    const stream = new ReadableStream();
    return structuredClone(stream, { transfer: [stream] }) instanceof ReadableStream;
  } catch {
    return false;
  }
})();
const received = async (stream) => new Uint8Array(await new Response(stream).arrayBuffer());

/** Returns the value that `promise` rejects with. */
const rejection = (promise) =>
  promise.then(
    () => assert.fail("it fulfilled"),
    (reason) => reason,
  );

async function settle() {
  for (let turn = 0; turn < 8; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** Whether `promise` is still pending after all possible events. */
async function pending(promise) {
  let waiting = true;
  const arrive = () => {
    waiting = false;
  };
  promise.then(arrive, arrive);
  await settle();
  return waiting;
}

for (const byob of [true, false]) {
  describe(byob ? "The Web conversions, byte streams" : "The Web conversions, plain streams", () => {
    for (const size of [0, 1, 511, 512, 513, 1024, 1033, 60_000]) {
      test(`convert ${size} bytes in both directions`, async () => {
        const { readable, writable } = pipeStream({ byob });
        const bytes = readAll(fromReadableStream(readable));
        const writer = fromWritableStream(writable);
        assert.equal(await writer.write(sequence(size)), size);
        writer.close();
        assert.deepEqual(await bytes, sequence(size));
      });
    }

    test("hold 512 bytes and the current chunk, and the first write needs no reader", async () => {
      const { readable, writable } = pipeStream({ byob });
      const sink = writable.getWriter();
      await sink.write(sequence(512));
      const next = sink.write(sequence(1));
      assert.equal(await pending(next), true);
      const { value } = await readable.getReader().read();
      assert.deepEqual(value.subarray(0, 512), sequence(512));
      await next;
    });

    test("pass on errors and reasons as the same object, after the accepted bytes", async () => {
      const failure = new Error("enough");
      const aborted = pipe();
      const sink = toWritableStream(aborted.writer).getWriter();
      const written = rejection(sink.write(sequence(1033)));
      sink.closed.catch(() => {});
      await settle();
      await sink.abort(failure);
      assert.equal(await written, failure);
      assert.equal(await aborted.reader.read(new Uint8Array(600)), 512);
      assert.equal(await rejection(aborted.reader.read(new Uint8Array(600))), failure);

      const cancelled = pipe();
      const waiting = rejection(cancelled.writer.write(sequence(1033)));
      await toReadableStream(cancelled.reader, { byob }).cancel(failure);
      assert.equal(await waiting, failure);

      const failed = pipe();
      await failed.writer.write(sequence(100));
      failed.writer.closeWithError(failure);
      const consumer = toReadableStream(failed.reader, { byob }).getReader();
      consumer.closed.catch(() => {});
      assert.deepEqual((await consumer.read()).value, sequence(100));
      assert.equal(await rejection(consumer.read()), failure);
    });

    test("settle pending operations when the other side closes", async () => {
      const { readable, writable } = pipeStream({ byob });
      const consumer = readable.getReader();
      const reading = consumer.read();
      await settle();
      await writable.close();
      assert.equal((await reading).done, true);

      const { reader, writer } = pipe();
      const sink = toWritableStream(writer).getWriter();
      const closed = rejection(sink.closed);
      reader.close();
      assert.equal((await closed).code, "ERR_CLOSED_PIPE");
    });

    test("can be left during a pending read", async () => {
      const { reader, writer } = pipe();
      const iterator = toReadableStream(reader, { byob }).values();
      const next = iterator.next();
      await settle();
      await iterator.return();
      assert.equal((await next).done, true);
      assert.equal((await rejection(writer.write(sequence(1)))).code, "ERR_CLOSED_PIPE");
    });

    test("deliver every byte to a loop, and release the lock", async () => {
      const { reader, writer } = pipe();
      const stream = toReadableStream(reader, { byob, chunkSize: 100 });
      const written = writer.write(sequence(1033)).then(() => writer.close());
      const parts = [];
      for (const rounds of [1, 3, 100]) {
        let round = 0;
        for await (const chunk of stream.values({ preventCancel: true })) {
          parts.push(...chunk);
          if (++round === rounds) break;
        }
      }
      assert.deepEqual(Uint8Array.from(parts), sequence(1033));
      await written;
    });

    test("work with pipeThrough(), tee() and the platform's transforms", async () => {
      const { reader, writer } = pipe();
      const branches = toReadableStream(reader, { byob })
        .pipeThrough(new CompressionStream("gzip"))
        .pipeThrough(pipeStream({ byob }))
        .pipeThrough(new DecompressionStream("gzip"))
        .pipeThrough(pipeStream({ byob }))
        .tee();
      const both = Promise.all(branches.map(received));
      await writer.write(sequence(60_000));
      writer.close();
      for (const bytes of await both) assert.deepEqual(bytes, sequence(60_000));
    });

    test("end at once when a signal aborts", async () => {
      const controller = new AbortController();
      const { readable, writable } = pipeStream({ byob, signal: controller.signal });
      const written = rejection(writable.getWriter().write(sequence(600)));
      await settle();
      controller.abort("enough");
      assert.equal(await written, "enough");
      const consumer = readable.getReader();
      consumer.closed.catch(() => {});
      assert.equal((await consumer.read()).value.length, 512);
      assert.equal(await rejection(consumer.read()), "enough");
    });

    test("let timers fire while they are busy", async () => {
      const { readable, writable } = pipeStream({ byob });
      let busy = true;
      const sink = writable.getWriter();
      const consumer = readable.getReader();
      const writing = (async () => {
        while (busy) await sink.write(new Uint8Array(64));
        await sink.close();
      })();
      const reading = (async () => {
        while (!(await consumer.read()).done);
      })();
      await new Promise((resolve) => setTimeout(resolve, 10));
      busy = false;
      await Promise.all([writing, reading]);
    });
  });
}

describe("BYOB reads", () => {
  test("fill the consumer's own memory", async () => {
    const { reader, writer } = pipe();
    const written = writer.write(sequence(60_000));
    await settle();
    const memory = new Uint8Array(70_000).fill(7).buffer;
    const consumer = toReadableStream(reader).getReader({ mode: "byob" });
    const { value } = await consumer.read(new Uint8Array(memory, 5000, 60_000));
    assert.equal(value.byteOffset, 5000);
    assert.deepEqual(value, sequence(60_000));
    assert.deepEqual(new Uint8Array(value.buffer, 0, 3), Uint8Array.of(7, 7, 7));
    await written;
  });

  for (const waiting of [1, 2]) {
    test(`settle at the end, ${waiting} at once`, async () => {
      const { reader, writer } = pipe();
      const consumer = toReadableStream(reader).getReader({ mode: "byob" });
      const reading = Array.from({ length: waiting }, () => consumer.read(new Uint8Array(16)));
      await settle();
      writer.close();
      for (const { done } of await Promise.all(reading)) assert.equal(done, true);
    });

    test(`settle with an error, ${waiting} at once`, async () => {
      const { reader, writer } = pipe();
      const consumer = toReadableStream(reader).getReader({ mode: "byob" });
      consumer.closed.catch(() => {});
      const reading = Array.from({ length: waiting }, () => rejection(consumer.read(new Uint8Array(16))));
      await settle();
      writer.closeWithError("enough");
      assert.deepEqual(await Promise.all(reading), Array(waiting).fill("enough"));
    });
  }
});

describe("Peers of the platform", () => {
  test("a Response delivers the written bytes, and its body can be read", async () => {
    const { reader, writer } = pipe();
    const response = new Response(toReadableStream(reader));
    const written = writeText(writer, "smör\n".repeat(1000)).then(() => writer.close());
    assert.equal(await readText(fromReadableStream(response.body)), "smör\n".repeat(1000));
    await written;
  });

  test("a TextDecoderStream decodes a character that is split at byte 512", async () => {
    const text = `${"x".repeat(511)}\u{1F9C8}`;
    const { readable, writable } = pipeStream();
    const sink = writable.getWriter();
    const written = sink.write(new TextEncoder().encode(text)).then(() => sink.close());
    let decoded = "";
    for await (const part of readable.pipeThrough(new TextDecoderStream())) decoded += part;
    assert.equal(decoded, text);
    await written;
  });

  test("either side can be transferred", {
    skip: transfersStreams ? false : "the runtime cannot transfer streams",
  }, async () => {
    const { readable, writable } = pipeStream();
    const sent = structuredClone({ readable, writable }, { transfer: [readable, writable] });
    const bytes = received(sent.readable);
    const sink = sent.writable.getWriter();
    await sink.write(sequence(1033));
    await sink.close();
    assert.deepEqual(await bytes, sequence(1033));
  });
});
