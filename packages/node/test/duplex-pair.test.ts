import { finished } from "node:stream/promises";
import { duplexPair } from "@pipe512/node";
import { expect, test } from "vitest";
import { expectSequence, sequence } from "./support/bytes.ts";
import { drain, record } from "./support/streams.ts";
import { callback, rejection, settle } from "./support/turns.ts";

const failure = new Error("the line broke");

// Red when: each end is connected to itself, or only one way is connected.
test("duplexPair() carries bytes from each end to the other, both ways at once", async () => {
  const [one, other] = duplexPair();
  const arrived = Promise.all([drain(one), drain(other)]);
  other.end(sequence(1033));
  one.end(sequence(70_000));
  const [there, back] = await arrived;
  expectSequence(there, 1033);
  expectSequence(back, 70_000);
  await settle();
  expect([one.destroyed, other.destroyed]).toEqual([true, true]);
});

// Red when: the error does not reach the peer, as in Node's own pair.
test("destroy(error) of one end of duplexPair() fails the peer's pending write, and the peer, with the error [NODE-013]", async () => {
  const [one, other] = duplexPair();
  const told = callback();
  other.write(sequence(1033), told.call);
  const failed = rejection(finished(other));
  one.on("error", () => {}).destroy(failure);
  expect(await failed).toBe(failure);
  await settle();
  expect([told.calls, told.reason]).toEqual([1, failure]);
});

// Red when: the error that the peer reads hides the error of its write.
test.each(["flows", "waits"])(
  "duplexPair() fails the pending write of a peer that %s with a ClosedPipeError if the other is destroyed without an error [NODE-003] [NODE-013]",
  async (how) => {
    const [one, other] = duplexPair();
    const told = callback();
    other.on("error", () => {}).write(sequence(1033), told.call);
    if (how === "flows") other.resume();
    await settle();
    one.destroy();
    await settle();
    expect([told.calls, told.reason]).toEqual([
      1,
      expect.objectContaining({ code: "ERR_CLOSED_PIPE", side: "reader", bytesWritten: 512 }),
    ]);
  },
);

// Red when: the peer is destroyed as soon as the other side is, with bytes left to read.
test("duplexPair() delivers the accepted bytes to a peer without a pending write, then fails it with the error [NODE-013]", async () => {
  const [one, other] = duplexPair();
  one.on("error", () => {}).write(sequence(1033));
  await settle();
  one.destroy(failure);
  await settle();
  expect(other.destroyed).toBe(false);
  const parts: Buffer[] = [];
  other.on("data", (chunk: Buffer) => parts.push(chunk));
  expect(await rejection(finished(other))).toBe(failure);
  expectSequence(Buffer.concat(parts), 512);
});

// Red when: an error waits until the peer reads or writes.
test("duplexPair() fails an idle peer with an error, or ends it cleanly without one [NODE-003] [NODE-013]", async () => {
  const [one, other] = duplexPair();
  const failed = rejection(finished(other));
  one.on("error", () => {}).destroy(failure);
  expect(await failed).toBe(failure);

  const [left, idle] = duplexPair();
  const events = record(idle.resume(), "end", "error", "close");
  left.destroy();
  await settle();
  expect([events, idle.destroyed, idle.writable]).toEqual([["end"], false, true]);
});

// Red when: the current chunk is lost with the destroyed end, or is read from an array that its caller may reuse.
test("after destroy() without an error, the peer in a duplexPair() gets every written chunk whole, then the end [NODE-003]", async () => {
  const [one, other] = duplexPair();
  const told = callback();
  const chunk = sequence(1033);
  one.write(chunk, told.call);
  await settle();
  one.destroy();
  await settle();
  chunk.fill(0);
  expect([told.calls, told.reason]).toEqual([1, expect.objectContaining({ code: "ERR_STREAM_DESTROYED" })]);
  const parts: Buffer[] = [];
  for await (const part of other) parts.push(part as Buffer);
  expectSequence(Buffer.concat(parts), 1033);
});

// Red when: the end of one side fails the other, or the other can write forever.
test("after end() and destroy() of one side, the other side of a duplexPair() ends, and its next write fails [NODE-003] [NODE-013]", async () => {
  const [one, other] = duplexPair();
  const events = record(other, "end", "error");
  one.end("last words");
  await settle();
  one.destroy();
  other.resume();
  await settle();
  expect(events).toEqual(["end"]);
  other.write("x");
  await settle();
  expect(events).toEqual([
    "end",
    ["error", expect.objectContaining({ code: "ERR_CLOSED_PIPE", side: "reader" })],
  ]);
});

// Red when: the remaining side cannot end.
test("after destroy() without an error, the other side of a duplexPair() can end without an error [NODE-003]", async () => {
  const [one, other] = duplexPair();
  other.resume();
  one.destroy();
  await settle();
  other.end();
  await finished(other);
  expect(other.errored).toBe(null);
});

// Red when: only reads deliver the error, and the peer has read to its end.
test("destroy(error) reaches a peer in a duplexPair() that has read the end already, or reads it first [NODE-003] [NODE-013]", async () => {
  for (const reads of ["before", "afterwards"]) {
    const [one, other] = duplexPair();
    const events = record(other, "end", "error");
    if (reads === "before") other.resume();
    one.end("x");
    await settle();
    one.on("error", () => {}).destroy(failure);
    other.resume();
    await settle();
    expect([events, other.errored]).toEqual([["end", ["error", failure]], failure]);
  }
});
