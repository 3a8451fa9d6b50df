import { pipe, readAll } from "@pipe512/core";
import { expectWhole, sequence } from "@pipe512/testing/bytes";
import { type Chunk, fromReadableStream, pipeStream, toWritableStream } from "@pipe512/web";
import { expect, test } from "vitest";
import { received, sourceOf } from "./support/streams.ts";

/** Bytes 8 to 24 of a buffer of 32 bytes, as a view of each type. */
const memory = (): ArrayBuffer => sequence(32).buffer;
const kinds: Record<string, () => Chunk> = {
  ArrayBuffer: () => sequence(32).slice(8, 24).buffer,
  DataView: () => new DataView(memory(), 8, 16),
  Uint8ClampedArray: () => new Uint8ClampedArray(memory(), 8, 16),
  Int8Array: () => new Int8Array(memory(), 8, 16),
  Uint16Array: () => new Uint16Array(memory(), 8, 8),
  Int32Array: () => new Int32Array(memory(), 8, 4),
  Float64Array: () => new Float64Array(memory(), 8, 2),
  BigUint64Array: () => new BigUint64Array(memory(), 8, 2),
};

for (const [kind, make] of Object.entries(kinds)) {
  // Red when: all of a view's memory is used, or elements are counted as bytes.
  test(`toWritableStream() and pipeStream() accept a chunk that is ${kind} [WEB-014]`, async () => {
    for (const transfer of [true, false]) {
      const { reader, writer } = pipe();
      const { readable, writable } = pipeStream({ transfer });
      for (const [stream, bytes] of [
        [toWritableStream(writer, { transfer }), readAll(reader)],
        [writable, received(readable)],
      ] as const) {
        const sink = stream.getWriter();
        await sink.write(make());
        await sink.close();
        expectWhole(await bytes, 16, 8);
      }
    }
  });

  // Red when: all of a view's memory is used, or elements are counted as bytes.
  test(`fromReadableStream() accepts a chunk that is ${kind} [WEB-014]`, async () => {
    const { stream } = sourceOf([make() as never]);
    expectWhole(await readAll(fromReadableStream(stream)), 16, 8);
  });
}

// Red when: an ArrayBuffer is detected by its class, which differs between realms.
test("toWritableStream() accepts an ArrayBuffer with another prototype [WEB-014]", async () => {
  const { reader, writer } = pipe();
  const { buffer } = sequence(10);
  Object.setPrototypeOf(buffer, null);
  const sink = toWritableStream(writer).getWriter();
  await sink.write(buffer);
  await sink.close();
  expectWhole(await readAll(reader), 10);
});

// Red when: a forged Symbol.toStringTag is accepted.
test("toWritableStream() rejects an object with a forged tag [WEB-014]", async () => {
  const sink = toWritableStream(pipe().writer).getWriter();
  sink.closed.catch(() => {});
  await expect(sink.write({ byteLength: 8, [Symbol.toStringTag]: "ArrayBuffer" } as never)).rejects.toThrow(
    /^Cannot write an object: a chunk must be a Uint8Array, another view or an ArrayBuffer$/,
  );
});
