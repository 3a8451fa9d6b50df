import { pipe } from "@pipe512/core";
import { pending, settle } from "@pipe512/testing/turns";
import { fromReadableStream, pipeStream, toReadableStream } from "@pipe512/web";
import { expect, test } from "vitest";
import { expectWhole, joined, sequence } from "@pipe512/testing/bytes";
import { sourceOf } from "./support/streams.ts";

const AsyncIteratorPrototype: unknown = Object.getPrototypeOf(
  Object.getPrototypeOf(async function* () {}).prototype,
);
const streams: Record<string, () => ReadableStream<Uint8Array<ArrayBuffer>>> = {
  "toReadableStream()": () => toReadableStream(pipe().reader),
  "pipeStream()": () => pipeStream().readable,
};

for (const [name, make] of Object.entries(streams)) {
  // Red when: the prototype has a constructor, methods that are not enumerable, or does not inherit from
  // %AsyncIteratorPrototype%.
  test(`an iterator of ${name} has the prototype that Web IDL requires [WEB-006]`, () => {
    const prototype: object = Object.getPrototypeOf(make().values());
    expect(Object.getPrototypeOf(prototype)).toBe(AsyncIteratorPrototype);
    expect(Object.getOwnPropertyNames(prototype).toSorted()).toEqual(["next", "return"]);
    for (const [method, length] of [
      ["next", 0],
      ["return", 1],
    ] as const) {
      const descriptor = Object.getOwnPropertyDescriptor(prototype, method);
      expect(descriptor).toMatchObject({ enumerable: true, configurable: true, writable: true });
      expect([descriptor?.value.name, descriptor?.value.length]).toEqual([method, length]);
    }
  });

  // Red when: a later call does not wait for return().
  test(`calls of an iterator of ${name} settle in order after return() [WEB-006]`, async () => {
    for (const preventCancel of [true, false])
      for (const calls of [
        ["return", "return", "next"],
        ["return", "next", "return"],
      ] as const) {
        const order: string[] = [];
        const iterator = make().values({ preventCancel });
        const settled = calls.map(async (call, index) => {
          await iterator[call]?.();
          order.push(`${index}`);
        });
        await Promise.all(settled);
        expect(order).toEqual(["0", "1", "2"]);
      }
  });

  // Red when: return() waits for the read, or settles before the pending step.
  test(`return() of an iterator of ${name} ends pending steps in order, and then settles [WEB-006]`, async () => {
    for (const preventCancel of [true, false]) {
      const order: string[] = [];
      const iterator = make().values({ preventCancel });
      const steps = ["first", "second"].map(async (step) => {
        order.push(`${step} ${(await iterator.next()).done}`);
      });
      await settle();
      expect(order).toEqual([]);
      await iterator.return?.();
      order.push("return");
      await Promise.all(steps);
      expect(order).toEqual(["first true", "second true", "return"]);
    }
  });

  // Red when: the iterator does not have the engine's [Symbol.asyncDispose].
  test(`await using cancels ${name} if the engine supports it [WEB-006]`, async ({ skip }) => {
    const dispose: unknown = Reflect.get(AsyncIteratorPrototype as object, Symbol.asyncDispose ?? "dispose");
    skip(typeof dispose !== "function", "the engine has no await using");
    const stream = make();
    const iterator = stream.values();
    await (dispose as () => Promise<void>).call(iterator);
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
    expect((await stream.getReader().read()).done).toBe(true);
  });
}

// Red when: a method accepts a wrong receiver, or throws instead of rejecting.
test("methods of an iterator reject for a wrong receiver [WEB-006]", async () => {
  const { next } = Object.getPrototypeOf(toReadableStream(pipe().reader).values());
  await expect(next.call({})).rejects.toBeInstanceOf(TypeError);
});

// Red when: the next read overwrites a chunk of the loop.
test("a loop over fromReadableStream() delivers every byte in chunks that the consumer owns", async () => {
  const { readable, writable } = pipeStream();
  const sink = writable.getWriter();
  const written = sink.write(sequence(5000)).then(() => sink.close());
  const chunks: Uint8Array[] = [];
  for await (const chunk of fromReadableStream(readable, { chunkSize: 700 })) chunks.push(chunk);
  expect(Math.max(...chunks.map(({ length }) => length))).toBe(700);
  expectWhole(joined(chunks), 5000);
  await written;
});

// Red when: leaving does not close the reader, or waits for a read.
test("leaving a loop over fromReadableStream() cancels the stream, even during a pending read", async () => {
  const source = sourceOf([sequence(10), sequence(10, 10)]);
  for await (const chunk of fromReadableStream(source.stream)) {
    expectWhole(chunk, 10);
    break;
  }
  expect(source.cancelled).toEqual([undefined]);

  const idle = new ReadableStream<Uint8Array>();
  const iterator = fromReadableStream(idle)[Symbol.asyncIterator]();
  const step = iterator.next();
  expect(await pending(step)).toBe(true);
  expect(await iterator.return?.()).toEqual({ done: true, value: undefined });
  expect(await step).toEqual({ done: true, value: undefined });
});

// Red when: the loop ends at an error without throwing.
test("a loop over fromReadableStream() throws the stream's error itself", async () => {
  const failure = new Error("the source broke");
  const { stream } = sourceOf([sequence(10)], (controller) => controller.error(failure));
  const iterator = fromReadableStream(stream)[Symbol.asyncIterator]();
  expectWhole((await iterator.next()).value, 10);
  await expect(iterator.next()).rejects.toBe(failure);
  expect(await iterator.next()).toEqual({ done: true, value: undefined });
});
