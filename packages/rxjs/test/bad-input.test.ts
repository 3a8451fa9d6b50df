import { pipe, type Reader, type Writer } from "@pipe512/core";
import {
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
      // Red when: the option is looked at later, or not at all.
      test(`${name} throws at the call for a maxBytes of ${String(size)} [RX-004]`, () => {
        expect(() => take({ maxBytes: size as number })).toThrow(misuse);
      });
    }

    for (const overflow of ["block", "", "DROP-NEWEST", 1, null, {}]) {
      // Red when: an unknown policy is taken for some policy.
      test(`${name} throws at the call for the policy ${JSON.stringify(overflow)} [RX-004]`, () => {
        expect(() => take({ overflow: overflow as Overflow })).toThrow(
          /^Cannot use .* as overflow: give error or drop-newest or drop-oldest$/,
        );
      });
    }

    // Red when: it is called at the first overflow, which fails then.
    test(`${name} throws at the call for an onDrop that is no function [RX-004]`, () => {
      expect(() => take({ onDrop: 5 as unknown as () => void })).toThrow(
        "Cannot use 5 as onDrop: give a function",
      );
    });
  });
}

describe("Framing operators and wrong options", () => {
  for (const [size, misuse] of sizes) {
    // Red when: the size is looked at later, or not at all.
    test(`rechunk() and lines() throw at the call for ${String(size)} bytes [RX-010]`, () => {
      expect(() => rechunk(size as number)).toThrow(misuse);
      expect(() => lines({ maxBytes: size as number })).toThrow(misuse);
    });
  }

  // Red when: the decoder is made at the subscription only.
  test("decodeText() throws at the call for an encoding that the platform does not know [RX-010]", () => {
    expect(() => decodeText("utf-512")).toThrow(RangeError);
  });
});

describe("Sources and writers that are none", () => {
  for (const bad of [undefined, null, 42, "bytes", {}, [1]]) {
    // Red when: what is no reader is found out at the subscription.
    test(`toObservable() and readEach() throw at the call for ${JSON.stringify(bad)} [RX-008]`, () => {
      const message = "as a source: give a Reader or AsyncIterable";
      expect(() => toObservable(bad as Reader)).toThrow(message);
      expect(() => readEach(bad as Reader, () => EMPTY)).toThrow(message);
    });

    // Red when: what is no writer is found out at the subscription.
    test(`writeTo() throws at the call for ${JSON.stringify(bad)} [RX-006]`, () => {
      expect(() => writeTo(bad as Writer)).toThrow("as a writer: give a Writer");
    });
  }

  // Red when: what can be subscribed to is not asked for at the call.
  test("fromObservable() throws at the call for what cannot be subscribed to [RX-011]", () => {
    expect(() => fromObservable(42 as never)).toThrow(TypeError);
    expect(() => fromObservable(of(sequence()), {})).not.toThrow();
  });
});

function sequence(): Uint8Array {
  return Uint8Array.of(1, 2, 3);
}
