import { Writable } from "node:stream";
import { pipe, type Reader } from "@pipe512/core";
import { duplexPair, fromWritable, pipeDuplex, toDuplex, toReadable } from "@pipe512/node";
import { afterEach, beforeEach, expect, test } from "vitest";
import { sequence } from "./support/bytes.ts";
import { settle } from "./support/turns.ts";

/** Where diagnostics register. */
const post = Reflect.get(globalThis, Symbol.for("pipe512.observer.2")) as { observer: object | undefined };
const waiting = new Set<string>();
const conversions: string[] = [];

beforeEach(() => {
  post.observer = {
    opened() {},
    converted: (_conversion: object, kind: string) => void conversions.push(kind),
    waits(_subject: object, { side, operation, waitsFor }: Record<string, string>) {
      const wait = `${side}: ${operation} waits ${waitsFor}`;
      waiting.add(wait);
      return () => waiting.delete(wait);
    },
  };
});
afterEach(() => {
  post.observer = undefined;
  waiting.clear();
  conversions.length = 0;
});

// Red when: a consumer that asked for bytes, or a write without room, is not registered, or stays so when it has got them.
test.each([
  ["pipeDuplex()", () => ((duplex) => [duplex, duplex] as const)(pipeDuplex())],
  ["duplexPair()", () => duplexPair()],
])("diagnostics see who waits at a %s [NODE-020]", async (_name, make) => {
  const [writable, readable] = make();
  const next = readable[Symbol.asyncIterator]().next();
  await settle();
  expect([...waiting]).toEqual(["reader: read waits for a byte"]);
  writable.write("x");
  await next;
  await settle();
  expect([...waiting]).toEqual([]);
  writable.write(sequence(1033));
  await settle();
  expect([...waiting]).toEqual(["writer: write waits for room for 521 bytes"]);
  readable.read();
  await settle();
  expect([...waiting].filter((wait) => wait.startsWith("writer"))).toEqual([]);
  writable.on("error", () => {}).write(sequence(1033));
  writable.write(sequence(2000));
  await settle();
  expect([...waiting]).toEqual(["writer: write waits for room for 1488 bytes"]);
  readable.destroy();
  expect([...waiting]).toEqual([]);
});

// Red when: bytes that go past the pipe are left out of its counts, or the chunks are others than without a watch.
test("diagnostics see all bytes of a pipeDuplex(), and change no chunk of it [NODE-020]", async () => {
  const lengths: number[] = [];
  const duplex = pipeDuplex().on("data", (chunk: Buffer) => lengths.push(chunk.length));
  for (const length of [5, 1033, 3000]) duplex.write(sequence(length));
  expect(lengths).toEqual([5, 1033, 3000]);
});

// Red when: a conversion is not registered, or what waits in it is not.
test("diagnostics see the other conversions, and what waits in them [NODE-020]", async () => {
  const reader: Reader = { read: () => new Promise(() => {}), close() {}, closeWithError() {} };
  toReadable(reader).resume();
  toDuplex(pipe().reader, pipe().writer);
  const writer = fromWritable(new Writable({ highWaterMark: 1, write() {} }));
  void writer.write(sequence(5)).catch(() => {});
  await settle();
  expect(conversions).toEqual(["toReadable", "toDuplex", "fromWritable"]);
  expect([...waiting].toSorted()).toEqual([
    "reader: read waits for a byte",
    "writer: write waits for the stream to drain",
  ]);
  void writer.finish().catch(() => {});
  expect([...waiting]).toContain("writer: finish waits for the stream to finish");
});
