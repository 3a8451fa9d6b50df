import { snapshot, watch } from "@pipe512/core/diagnostics";
import { expectWhole, sequence } from "@pipe512/testing/bytes";
import { settle } from "@pipe512/testing/turns";
import { fromReadableStream, fromWritableStream, pipeStream } from "@pipe512/web";
import { expect, onTestFinished, test } from "vitest";

for (const byob of [true, false]) {
  // Red when: a chunk bypasses a watched pipe.
  test(`diagnostics report a pending read of pipeStream({ byob: ${byob} }), and count each byte`, async () => {
    const watching = watch();
    onTestFinished(() => watching.stop());
    const { readable, writable } = pipeStream({ byob });
    const [consumer, sink] = [readable.getReader(), writable.getWriter()];
    const reading = consumer.read();
    await settle();
    expect(snapshot()).toMatchObject([{ waiting: [{ operation: "readChunk" }] }]);
    await sink.write(sequence(100));
    expectWhole((await reading).value ?? new Uint8Array(), 100);
    expect(snapshot()).toMatchObject([{ bytesWritten: 100, bytesRead: 100, waiting: [] }]);
    await sink.close();
  });
}

// Red when: a wait is not registered, names another call or side, or is still listed when it is over.
test("diagnostics see a write and a finish() that wait at fromWritableStream(), and not when they are done", async () => {
  const watching = watch();
  onTestFinished(() => watching.stop());
  const waiting: Array<() => void> = [];
  const sink = (): Promise<void> => new Promise((resolve) => waiting.push(resolve));
  const writer = fromWritableStream(new WritableStream<Uint8Array>({ write: sink, close: sink }));
  for (const operation of ["write", "finish"] as const) {
    const call = operation === "write" ? writer.write(sequence(10)) : writer.finish();
    await settle();
    expect(snapshot()).toMatchObject([
      {
        conversion: "fromWritableStream",
        waiting: [{ operation, explanation: expect.stringMatching(/ for the sink of the stream$/) }],
      },
    ]);
    waiting.shift()?.();
    await call;
    expect(snapshot()).toEqual([]);
  }
});

// Red when: a wait is not registered, names another call or side, or is still listed when it is over.
test("diagnostics see a read that waits at fromReadableStream(), and not when it is done", async () => {
  const watching = watch();
  onTestFinished(() => watching.stop());
  let controller!: ReadableStreamDefaultController<Uint8Array>;
  const reader = fromReadableStream(
    new ReadableStream<Uint8Array>({ start: (given) => void (controller = given) }),
  );
  const reading = reader.read(new Uint8Array(10));
  await settle();
  expect(snapshot()).toMatchObject([
    {
      conversion: "fromReadableStream",
      waiting: [{ operation: "read", explanation: expect.stringMatching(/ for a chunk of the stream$/) }],
    },
  ]);
  controller.enqueue(sequence(3));
  expect(await reading).toBe(3);
  expect(snapshot()).toEqual([]);
});
