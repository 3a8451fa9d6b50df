import { finished } from "node:stream/promises";
import { setImmediate as turn } from "node:timers/promises";
import { pipe, type Reader } from "@pipe512/core";
import { toReadable } from "@pipe512/node";
import { expect, test } from "vitest";

/** Bytes that carry their position, mixed so that a shift shows. */
const bytes = (length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, at) => (at ^ (at >> 8) ^ (at >> 16)) & 255);

for (const size of [0, 1, 511, 512, 513, 1024, 1033, 200_000]) {
  // Red when: the chunk's last byte is cut off before it is pushed.
  test(`toReadable() delivers a write of ${size} bytes whole and in order, then ends`, async () => {
    const { reader, writer } = pipe();
    const written = writer.write(bytes(size));
    writer.close();
    const chunks = await toReadable(reader).toArray();
    expect(Buffer.concat(chunks).equals(bytes(size))).toBe(true);
    await written;
  });
}

// Red when: highWaterMark is left at Node's default, which reads ahead after the first question.
test("toReadable() reads nothing before the consumer asks, and nothing ahead afterwards", async () => {
  const { reader, writer } = pipe();
  const readable = toReadable(reader);
  const written = writer.write(bytes(513));
  await turn();
  expect(reader.bytesRead).toBe(0);

  readable.once("readable", () => readable.read());
  await written;
  await turn();
  const bytesRead = reader.bytesRead;
  const stalled = writer.write(bytes(1033));
  await turn();
  expect(reader.bytesRead).toBe(bytesRead);

  readable.destroy();
  await expect(stalled).rejects.toMatchObject({ code: "ERR_CLOSED_PIPE" });
});

// Red when: read() of the stream asks the reader again without waiting for the answer.
test("toReadable() has at most one read outstanding, over a reader with the required members alone", async () => {
  const source = bytes(1033);
  let at = 0;
  let outstanding = 0;
  const reader: Reader = {
    async read(into) {
      outstanding += 1;
      expect(outstanding).toBe(1);
      await turn();
      outstanding -= 1;
      if (at === source.length) return null;
      const part = source.subarray(at, at + 100);
      into.set(part);
      at += part.length;
      return part.length;
    },
    close() {},
    closeWithError() {},
  };
  expect(Buffer.concat(await toReadable(reader).toArray()).equals(source)).toBe(true);
});

// Red when: the stream is ended instead of destroyed when the reader fails.
test("toReadable() fails with the reader's error itself, after the accepted bytes", async () => {
  const { reader, writer } = pipe();
  const failure = new Error("the source broke");
  await writer.write(bytes(511));
  writer.closeWithError(failure);
  let received = 0;
  const readable = toReadable(reader).on("data", (chunk: Buffer) => (received += chunk.length));
  await expect(finished(readable)).rejects.toBe(failure);
  expect(received).toBe(511);
});

for (const value of [undefined, null, 0, false, ""]) {
  // Red when: carriable() passes every value on as it is.
  test(`toReadable() turns the reader's error ${JSON.stringify(value)} into an Error whose cause it is`, async () => {
    const { reader, writer } = pipe();
    writer.closeWithError(value);
    const error: unknown = await finished(toReadable(reader).resume()).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ code: "ERR_FALSY_ERROR" });
    expect((error as Error).cause).toBe(value);
  });
}

// Red when: destroy() closes the reader without the error.
test("toReadable().destroy(error) fails a waiting write with the error itself", async () => {
  const { reader, writer } = pipe();
  const failure = new Error("the consumer broke");
  const written = writer.write(bytes(1033));
  toReadable(reader)
    .on("error", () => {})
    .destroy(failure);
  await expect(written).rejects.toBe(failure);
});

// Red when: destroy() without an error leaves the reader open.
test("toReadable().destroy() fails a waiting write with ClosedPipeError", async () => {
  const { reader, writer } = pipe();
  const written = writer.write(bytes(1033));
  toReadable(reader).destroy();
  await expect(written).rejects.toMatchObject({ code: "ERR_CLOSED_PIPE", side: "reader" });
});

// Red when: a failed read emits its error instead of destroying the stream with it.
test("toReadable().destroy() during a read closes without an error", async () => {
  const { reader, writer } = pipe();
  const readable = toReadable(reader);
  const errors: unknown[] = [];
  readable.on("error", (error) => errors.push(error)).resume();
  await turn();
  readable.destroy();
  await turn();
  expect(errors).toEqual([]);
  expect(() => writer.tryWrite(bytes(1))).toThrow(expect.objectContaining({ code: "ERR_CLOSED_PIPE" }));
});
