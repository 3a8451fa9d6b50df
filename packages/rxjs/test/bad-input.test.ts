import { pipe, type Reader, type Writer } from "@pipe512/core";
import {
  batches,
  decodeText,
  fromObservable,
  lines,
  type Overflow,
  type QueueOptions,
  readEach,
  rechunk,
  throughPipe,
  toObservable,
  writeTo,
} from "@pipe512/rxjs";
import { thrown } from "@pipe512/testing/promises";
import { EMPTY, of } from "rxjs";
import { describe, expect, test } from "vitest";

const takers: Array<[name: string, take: (options: QueueOptions) => unknown]> = [
  ["writeTo()", (options) => writeTo(pipe().writer, options)],
  ["fromObservable()", (options) => fromObservable(EMPTY, options)],
  ["throughPipe()", throughPipe],
];

const sizes: Array<[size: unknown, misuse: new () => Error]> = [
  [0, RangeError],
  [-1, RangeError],
  [1.5, RangeError],
  [Number.NaN, RangeError],
  [Number.POSITIVE_INFINITY, RangeError],
  ["512", TypeError],
  [null, TypeError],
  [{}, TypeError],
  [Symbol("512"), TypeError],
];

for (const [name, take] of takers) {
  describe(`${name} and wrong options`, () => {
    for (const [size, misuse] of sizes) {
      // Red when: the option is checked later, or not at all.
      test(`${name} throws at the call for a maxBytes of ${String(size)} [RX-004]`, () => {
        expect(() => take({ maxBytes: size as number })).toThrow(misuse);
      });
    }

    for (const overflow of ["block", "", "DROP-NEWEST", 1, null, {}]) {
      // Red when: an unknown policy is accepted.
      test(`${name} throws at the call for the policy ${JSON.stringify(overflow)} [RX-004]`, () => {
        expect(() => take({ overflow: overflow as Overflow })).toThrow(
          /^overflow must be "error", "drop-newest" or "drop-oldest"; got .{1,40}$/,
        );
        expect(() => take({ overflow: overflow as Overflow })).toThrow(TypeError);
      });
    }

    // Red when: a wrong onDrop fails only at the first overflow.
    test(`${name} throws at the call for an onDrop that is not a function [RX-004]`, () => {
      expect(() => take({ onDrop: 5 as unknown as () => void })).toThrow(
        new TypeError("onDrop must be a function; got 5"),
      );
    });
  });
}

describe("Framing operators and wrong options", () => {
  for (const [size, misuse] of sizes) {
    // Red when: the size is checked later, or not at all.
    test(`rechunk() and lines() throw at the call for ${String(size)} bytes [RX-010]`, () => {
      expect(() => rechunk(size as number)).toThrow(misuse);
      expect(() => lines({ maxBytes: size as number })).toThrow(misuse);
      expect(() => lines({ maxBytes: size as number })).toThrow(
        /^maxBytes must be an integer of at least 1; got /,
      );
    });
  }

  // Red when: the decoder is made only at the subscription.
  test("decodeText() throws at the call for an encoding that the platform does not support [RX-010]", () => {
    expect(() => decodeText("utf-512")).toThrow(RangeError);
  });
});

describe("Sources and writers of a wrong type", () => {
  for (const bad of [undefined, null, 42, "bytes", {}, [1]]) {
    // Red when: a wrong source is found only at the subscription.
    test(`toObservable() and readEach() throw at the call for ${JSON.stringify(bad)} [RX-008]`, () => {
      const message = " must be a Reader, with read(), close() and closeWithError(); got ";
      expect(() => toObservable(bad as Reader)).toThrow(`reader${message}`);
      expect(() => readEach(bad as Reader, () => EMPTY)).toThrow(`source${message}`);
      expect(() => batches(bad as Reader, { size: 1 })).toThrow(`source${message}`);
    });

    // Red when: a wrong writer is found only at the subscription.
    test(`writeTo() throws at the call for ${JSON.stringify(bad)} [RX-006]`, () => {
      expect(() => writeTo(bad as Writer)).toThrow(
        "writer must be a Writer, with write(), close() and closeWithError(); got ",
      );
    });
  }

  // Red when: the message contains the value's own text; a stream is accepted as a Reader; the message is a RangeError.
  test("Misuse is a TypeError of one line that names the parameter and the function to use [RX-004] [PIPE-064]", () => {
    const { writer } = pipe();
    const misuses: Array<[() => unknown, string]> = [
      [
        () => toObservable(new Uint8Array(1e6) as never),
        "got an instance of Uint8Array: use fromIterable([value])",
      ],
      [
        () => toObservable(new ReadableStream() as never),
        "got a Web stream: use fromReadableStream() of @pipe512/web",
      ],
      [() => toObservable([] as never), "got an array: use fromIterable()"],
      [() => toObservable(Object.create(null) as never), "got an object"],
      [() => readEach(Array.from({ length: 1e6 }) as never, () => EMPTY), "got an array: use fromIterable()"],
      [() => readEach((async function* () {})(), 5 as never), "project must be a function; got 5"],
      [() => readEach(pipe().reader, 5 as never), "project must be a function; got 5"],
      [
        () => readEach(pipe().reader, () => EMPTY, { concurrency: "2" as never }),
        'concurrency must be an integer of at least 1; got the string "2"',
      ],
      [
        () => batches(pipe().reader, { size: 1, maxWaitMs: "1" as never }),
        'maxWaitMs must be a number of at least 0; got the string "1"',
      ],
      [() => writeTo(pipe() as never), "got an object with a writer: pass its writer"],
      [() => writeTo(writer, { overflow: Object.create(null) as never }), "got an object"],
      [() => writeTo(writer, { overflow: Symbol("x") as never }), "got a symbol"],
    ];
    for (const [misuse, message] of misuses) {
      const error = thrown(misuse) as Error;
      expect(error).toBeInstanceOf(TypeError);
      expect(error.message).toContain(message);
      expect(error.message.length).toBeLessThan(160);
    }
    expect(() => readEach(pipe().reader, () => EMPTY, { concurrency: 0 })).toThrow(RangeError);
    expect(() => batches(pipe().reader, { size: 0 })).toThrow(RangeError);
    expect(() => batches(pipe().reader, { size: 0 })).toThrow(
      /^size must be an integer of at least 1; got 0$/,
    );
    expect(() => batches(pipe().reader, { size: 1, maxWaitMs: -1 })).toThrow(RangeError);
  });

  // Red when: the source is not checked at the call.
  test("fromObservable() throws at the call for a source that cannot be subscribed to [RX-011]", () => {
    expect(() => fromObservable(42 as never)).toThrow(TypeError);
    expect(() => fromObservable(of(sequence()), {})).not.toThrow();
  });
});

function sequence(): Uint8Array {
  return Uint8Array.of(1, 2, 3);
}
