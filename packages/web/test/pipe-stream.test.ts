import { expectWhole, sequence } from "@pipe512/testing/bytes";
import { rejection } from "@pipe512/testing/promises";
import { settle } from "@pipe512/testing/turns";
import { pipeStream } from "@pipe512/web";
import { describe, expect, test } from "vitest";
import { hasByteStreams } from "./support/engine.ts";
import { exhaust, settleAll } from "./support/random.ts";

for (const byob of [true, false]) {
  describe(`pipeStream(), ${byob ? "a byte stream" : "a plain stream"}, while a consumer waits`, () => {
    // Red when: the chunk is delivered without a copy.
    test("delivers a copy of a chunk, which may be reused once its write has resolved [WEB-004]", async () => {
      const { readable, writable } = pipeStream({ byob });
      const [consumer, sink] = [readable.getReader(), writable.getWriter()];
      const chunk = sequence(1033);
      const reading = consumer.read();
      await sink.write(chunk);
      chunk.fill(0);
      expectWhole((await reading).value ?? new Uint8Array(), 1033);
    });

    // Red when: a transferred chunk is copied.
    test("delivers the same memory with { transfer: true }", async () => {
      const { readable, writable } = pipeStream({ byob, transfer: true });
      const [consumer, sink] = [readable.getReader(), writable.getWriter()];
      const chunk = sequence(100_000);
      const reading = consumer.read();
      await sink.write(chunk);
      const { value } = await reading;
      expectWhole(value ?? new Uint8Array(), 100_000);
      if (byob && hasByteStreams) expect(chunk.length).toBe(0);
      else expect(value).toBe(chunk);
    });

    // Red when: a chunk longer than chunkSize is delivered whole.
    test("delivers at most chunkSize bytes at a time", async () => {
      const { readable, writable } = pipeStream({ byob, chunkSize: 100 });
      const [consumer, sink] = [readable.getReader(), writable.getWriter()];
      const reading = consumer.read();
      const written = sink.write(sequence(1033)).then(() => sink.close());
      let at = 0;
      for (let step = await reading; !step.done; step = await consumer.read()) {
        expect(step.value.length).toBeLessThanOrEqual(100);
        expectWhole(step.value, step.value.length, at);
        at += step.value.length;
      }
      expect(at).toBe(1033);
      await written;
    });

    // Red when: an array that was transferred is copied, or one that was not is handed over.
    test.each([
      { budget: "is left", before: () => settleAll(1), between: settle },
      { budget: "is used up when the read begins", before: exhaust, between: () => settleAll(1) },
      { budget: "is used up", before: exhaust, between: () => Promise.resolve() },
    ])(
      "with { transfer: true } it gets the memory of the chunk, otherwise a copy; budget $budget [PIPE-011]",
      async ({ before, between }) => {
        for (const transfer of [true, false]) {
          const { readable, writable } = pipeStream({ byob, transfer });
          await settle(); // The streams have started.
          await before();
          const reading = readable.getReader().read();
          await between();
          const chunk = sequence(100);
          const { buffer } = chunk;
          // The engine detaches the memory that a byte stream takes over.
          const bytes = new Uint8Array(buffer);
          await writable.getWriter().write(bytes);
          expectWhole((await reading).value ?? new Uint8Array(), 100);
          expect(bytes.length).toBe(transfer && byob && hasByteStreams ? 0 : 100);
          if (!byob) expect((await reading).value?.buffer === buffer).toBe(transfer);
        }
      },
    );

    // Red when: a chunk is delivered although the pipe is closed.
    test("delivers nothing that is written after the signal has aborted [WEB-005]", async () => {
      const controller = new AbortController();
      const failure = new Error("enough");
      const { readable, writable } = pipeStream({ byob, signal: controller.signal });
      const [consumer, sink] = [readable.getReader(), writable.getWriter()];
      const reading = consumer.read();
      await settle();
      controller.abort(failure);
      // Together: on a busy machine one may reject a turn of the event loop after another.
      const refused = [reading, sink.write(sequence(10)), sink.closed].map((call) => rejection(call));
      expect(await Promise.all(refused)).toEqual([failure, failure, failure]);
    });
  });
}

// Red when: each small write is a separate chunk.
test("a slow consumer gets many small writes in one chunk", async () => {
  const { readable, writable } = pipeStream({ byob: false });
  const sink = writable.getWriter();
  const written = (async (): Promise<void> => {
    for (let at = 0; at < 16_000; at += 16) await sink.write(sequence(16, at));
    await sink.close();
  })();
  let [chunks, at] = [0, 0];
  for await (const chunk of readable) {
    expectWhole(chunk, chunk.length, at);
    at += chunk.length;
    chunks += 1;
  }
  expect(at).toBe(16_000);
  expect(chunks).toBeLessThan(1000);
  await written;
});

// Red when: a chunk is delivered although it does not fit into the view.
test("a consumer's view is filled, and the next view gets the rest [WEB-001]", async ({ skip }) => {
  skip(!hasByteStreams, "the engine has no byte streams");
  for (const length of [100, 1033]) {
    const { readable, writable } = pipeStream();
    const [consumer, sink] = [readable.getReader({ mode: "byob" }), writable.getWriter()];
    const reading = consumer.read(new Uint8Array(100));
    const written = sink.write(sequence(length)).then(() => sink.close());
    let at = 0;
    for (let step = await reading; !step.done; step = await consumer.read(new Uint8Array(100))) {
      expectWhole(step.value, step.value.length, at);
      at += step.value.length;
    }
    expect(at).toBe(length);
    await written;
  }
});

// Red when: a wrong option is detected only at the first operation.
test("pipeStream() throws at the call for wrong options", () => {
  expect(() => pipeStream({ signal: "a signal" as never })).toThrow(TypeError);
  for (const chunkSize of [0, 1.5]) {
    expect(() => pipeStream({ chunkSize })).toThrow(RangeError);
  }
});

// Red when: a byte stream gets memory that it cannot transfer.
test.for([
  ["resizable", (): ArrayBuffer => new ArrayBuffer(1000, { maxByteLength: 2000 })],
  ["of WebAssembly", (): ArrayBuffer => new WebAssembly.Memory({ initial: 1 }).buffer],
  [
    "shared",
    (): ArrayBuffer => new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true }).buffer as never,
  ],
] as const)(
  "accepts a chunk whose memory is %s, even with { transfer: true } [WEB-001]",
  async ([, memory]) => {
    for (const byob of [true, false]) {
      for (const waits of [true, false]) {
        const { readable, writable } = pipeStream({ byob, transfer: true });
        const chunk = new Uint8Array(memory());
        const { length } = chunk; // A transferred chunk has length 0.
        chunk.set(sequence(length));
        const [consumer, sink] = [readable.getReader(), writable.getWriter()];
        const reading = waits ? consumer.read() : undefined;
        const written = sink.write(chunk);
        expectWhole((await (reading ?? consumer.read())).value ?? new Uint8Array(), length);
        await written;
      }
    }
  },
);
