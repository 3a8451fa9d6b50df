import { describe, expect, test } from "vitest";
import { type Look, sentenceOf } from "../page/sentence.ts";

const write = (bytes: number, bytesMoved: number): Look["report"]["waiting"] => [
  { operation: "write", bytes, bytesMoved, waitingMs: 1, explanation: "" },
];

/** A snapshot in which both sides make progress, except for the given values. */
function look(given: Partial<Look> & { readonly traffic?: Partial<Look["traffic"]> }): Look {
  return {
    report: { bytesInRing: 96, waiting: [] },
    waited: { writer: 0, reader: 0 },
    directBytes: 0,
    bytesRead: 64,
    ...given,
    traffic: { pausing: { writer: false, reader: false }, endings: {}, ...given.traffic },
  };
}

describe("sentenceOf()", () => {
  // Red when: a side that does not wait is described as waiting, or the sides are exchanged.
  test.each([
    [{ waited: { writer: 0.9, reader: 0 } }, "The writer waits: the ring is full."],
    [{ waited: { writer: 0, reader: 0.9 } }, "The reader waits: the ring is empty."],
    [{ waited: { writer: 0.1, reader: 0.1 } }, "Both continue, with the ring between them."],
    [
      { traffic: { pausing: { writer: true, reader: true } } },
      "Both are busy elsewhere, and 96 bytes wait in the ring.",
    ],
    [
      { directBytes: 40 },
      "Most bytes go straight from the writer's array into the reader's, without the ring.",
    ],
    [
      { directBytes: 64 },
      "The bytes go straight from the writer's array into the reader's: the ring is not needed.",
    ],
    [
      { waited: { writer: 1, reader: 0 }, report: { bytesInRing: 512, waiting: write(16_384, 4096) } },
      "The writer waits: the ring is full. 4,096 of its 16,384 bytes are accepted.",
    ],
    [
      { traffic: { endings: { writer: "closed: close()" } } },
      "The writer closed: close(). The reader still gets the 96 bytes in the ring.",
    ],
    [
      { traffic: { endings: { writer: "was rejected", reader: "left: close()" } } },
      "It has ended. The writer was rejected. The reader left: close(). The 96 bytes in the ring are lost.",
    ],
  ] as const)("of %j says: %s", (given, sentence) => {
    expect(sentenceOf(look(given as Partial<Look>))).toBe(sentence);
  });
});
