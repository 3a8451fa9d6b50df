import { Writable } from "node:stream";
import { pipe, type Reader } from "@pipe512/core";
import { duplexPair, fromWritable, pipeDuplex, toDuplex, toReadable } from "@pipe512/node";
import { afterEach, beforeEach, expect, test } from "vitest";
import { sequence } from "./support/bytes.ts";
import { settle } from "./support/turns.ts";

/** The watch that diagnostics register. */
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

// Red when: a waiting consumer or write is not registered, or stays registered after it was served.
test.each([
  ["pipeDuplex()", () => ((duplex) => [duplex, duplex] as const)(pipeDuplex())],
  ["duplexPair()", () => duplexPair()],
])("diagnostics report the pending operations of a %s [NODE-020]", async (_name, make) => {
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

// Red when: bytes that bypass the pipe are not counted, or watching changes the chunks.
test("diagnostics count all bytes of a pipeDuplex(), and change no chunk of it [NODE-020]", async () => {
  const lengths: number[] = [];
  const duplex = pipeDuplex().on("data", (chunk: Buffer) => lengths.push(chunk.length));
  for (const length of [5, 1033, 3000]) duplex.write(sequence(length));
  expect(lengths).toEqual([5, 1033, 3000]);
});

// Red when: a conversion, or a pending operation of it, is not registered.
test("diagnostics report the other conversions, and their pending operations [NODE-020]", async () => {
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
