import { setImmediate as turn } from "node:timers/promises";
import { pipe, type Reader } from "@pipe512/core";
import { toObservable } from "@pipe512/rxjs";
import { lastValueFrom, map, take, toArray } from "rxjs";
import { expect, test } from "vitest";

/** Bytes that carry their position, mixed so that a shift shows. */
const bytes = (length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, at) => (at ^ (at >> 8) ^ (at >> 16)) & 255);

const closed = expect.objectContaining({ code: "ERR_CLOSED_PIPE", side: "reader" });

for (const size of [0, 1, 511, 512, 513, 1024, 1033, 200_000]) {
  // Red when: a chunk's last byte is cut off before it is emitted.
  test(`toObservable() emits a write of ${size} bytes whole and in order, then completes`, async () => {
    const { reader, writer } = pipe();
    const written = writer.write(bytes(size));
    writer.close();
    const chunks = await lastValueFrom(toObservable(reader).pipe(toArray()));
    expect(Buffer.concat(chunks).equals(bytes(size))).toBe(true);
    await written;
  });
}

// Red when: a view of the 64 KiB that were read into is emitted.
test("toObservable() emits chunks that the subscriber owns, over a reader with the required members alone", async () => {
  let step = 0;
  const reader: Reader = {
    async read(into) {
      step += 1;
      into.fill(step, 0, 3);
      return step <= 2 ? 3 : null;
    },
    close() {},
    closeWithError() {},
  };
  const chunks = await lastValueFrom(toObservable(reader).pipe(toArray()));
  expect(chunks).toEqual([Uint8Array.of(1, 1, 1), Uint8Array.of(2, 2, 2)]);
  expect(chunks[0]?.buffer.byteLength).toBe(3);
});

for (const failure of [new Error("the source broke"), undefined, 0]) {
  // Red when: the reader's error is taken for its end.
  test(`toObservable() errs with the reader's ${String(failure)} itself, after the accepted bytes`, async () => {
    const { reader, writer } = pipe();
    await writer.write(bytes(511));
    writer.closeWithError(failure);
    const events: unknown[] = [];
    toObservable(reader).subscribe({
      next: (chunk) => events.push(chunk.length),
      error: (error: unknown) => events.push("error", error),
      complete: () => events.push("complete"),
    });
    await turn();
    expect(events).toEqual([511, "error", failure]);
  });
}

// Red when: unsubscribing does not close the reader.
test("toObservable() closes the reader at once when it is unsubscribed from while no bytes come", async () => {
  const { reader, writer } = pipe();
  const events: unknown[] = [];
  const subscription = toObservable(reader).subscribe({
    error: (error: unknown) => events.push(error),
    complete: () => events.push("complete"),
  });
  await turn();
  subscription.unsubscribe();
  expect(() => writer.tryWrite(bytes(1))).toThrow(closed);
  await turn();
  expect(events).toEqual([]);
});

// Red when: unsubscribing does not close the reader.
test("toObservable() closes the reader when take() has enough", async () => {
  const { reader, writer } = pipe();
  const written = writer.write(bytes(200_000));
  expect(await lastValueFrom(toObservable(reader).pipe(take(1)))).not.toHaveLength(0);
  await expect(written).rejects.toEqual(closed);
});

// Red when: unsubscribing does not close the reader.
test("toObservable() closes the reader when an operator throws", async () => {
  const { reader, writer } = pipe();
  const failure = new Error("the operator broke");
  const written = writer.write(bytes(200_000));
  const mapped = toObservable(reader).pipe(
    map(() => {
      throw failure;
    }),
  );
  await Promise.all([
    expect(lastValueFrom(mapped)).rejects.toBe(failure),
    expect(written).rejects.toEqual(closed),
  ]);
});

// Red when: a second subscription reads too, and takes bytes from the first.
test("toObservable() refuses a second subscription, and the first goes on unharmed", async () => {
  const { reader, writer } = pipe();
  const bytesOnce = toObservable(reader);
  const first = lastValueFrom(bytesOnce.pipe(toArray()));
  await expect(lastValueFrom(bytesOnce)).rejects.toThrow("Cannot subscribe twice");
  await writer.write(bytes(513));
  writer.close();
  expect(Buffer.concat(await first).equals(bytes(513))).toBe(true);
});
