import { attachWriter, sharedPipe } from "@pipe512/core/shared";
import { expect, test } from "vitest";
import * as layout from "../../src/shared/layout.ts";

const {
  HEAD,
  TAIL,
  WRITER_ERROR_OFFSET,
  READER_ERROR_OFFSET,
  ERROR_BYTES,
  RING_OFFSET,
  CAPACITY,
  MEMORY_BYTES,
} = layout;
const { MAGIC, STATE, READER_SLEEPS, WRITER_SLEEPS, ATTACHED, WRITES, WRITER_MUTEX, READER_MUTEX } = layout;
const { LOCKS, NAME, ROSTER, ROSTER_WORDS } = layout;
const words = [
  MAGIC,
  STATE,
  READER_SLEEPS,
  WRITER_SLEEPS,
  ATTACHED,
  WRITES,
  HEAD,
  TAIL,
  WRITER_MUTEX,
  READER_MUTEX,
  LOCKS,
  NAME,
  NAME + 1,
];
/** The number of the 64-byte cache line that contains a word. */
const lineOf = (word: number): number => Math.floor((word * 4) / 64);

// Red when: two words or areas overlap; or the counters share a cache line with other words.
test("the words of the shared memory have places of their own, what each side moves a cache line of its own [SHARED-002]", () => {
  expect(new Set(words).size).toBe(words.length);
  for (const counter of [HEAD, TAIL]) {
    const neighbours = words.filter((word) => word !== counter && lineOf(word) === lineOf(counter));
    expect(neighbours).toEqual([]);
  }
  const areas = [
    [WRITER_ERROR_OFFSET, ERROR_BYTES],
    [RING_OFFSET, CAPACITY],
    [READER_ERROR_OFFSET, ERROR_BYTES],
    [ROSTER * 4, ROSTER_WORDS * 4],
    [MEMORY_BYTES, 0],
  ] as const;
  let end = Math.max(...words) * 4 + 4;
  for (const [offset, bytes] of areas) {
    expect(offset).toBeGreaterThanOrEqual(end);
    end = offset + bytes;
  }
  expect([CAPACITY, RING_OFFSET % 8]).toEqual([512, 0]);
});

// Red when: a flag of one side has the same bit as a flag of the other side.
test("the bits of a word are different ones [SHARED-002]", () => {
  const { WRITER_CLOSED, READER_CLOSED, ENDING, DRAINED } = layout;
  const states = [WRITER_CLOSED, READER_CLOSED, ENDING, DRAINED];
  const { WRITER_ATTACHED, READER_ATTACHED, MANY_WRITERS, MANY_READERS, HAS_SIGNAL } = layout;
  const attached = [WRITER_ATTACHED, READER_ATTACHED, MANY_WRITERS, MANY_READERS, HAS_SIGNAL];
  for (const bits of [states, attached]) {
    expect(bits.reduce((all, bit) => all + bit)).toBe(bits.reduce((all, bit) => all | bit));
  }
});

// Red when: a handle contains values that cannot be cloned, or separate memory; or the memory has another size.
test("sharedPipe() gives plain handles over one buffer of 1.5 KiB, for one thread each by default [SHARED-001] [SHARED-006]", () => {
  const { readerHandle, writerHandle } = sharedPipe();
  const { buffer } = readerHandle;
  expect(readerHandle).toEqual({ side: "reader", buffer, lock: undefined });
  expect(writerHandle).toEqual({ side: "writer", buffer, lock: undefined });
  expect(writerHandle.buffer).toBe(buffer);
  expect(buffer.byteLength).toBe(1536);
  attachWriter(writerHandle);
  expect(() => attachWriter(writerHandle)).toThrow(TypeError);
});
