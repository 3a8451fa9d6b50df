// Transfers whose callers work for 2 ms in each step, to measure how long the event loop is blocked. The argument names the style. Each line
// reports the processor time of this thread between two timers, in one phase: {"phase": "at once", "gapsMs": [12.1, …]}.

import {
  bufferedReader,
  fromIterable,
  pipe,
  type Reader,
  readAll,
  readerFrom,
  readFull,
  writeText,
} from "@pipe512/core";
import { fairTurn } from "@pipe512/core/adapter";

const [style = ""] = process.argv.slice(2);
const STEP_MS = 2;

/** Processor time of this thread, in milliseconds. */
const now = (): number => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
};
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

let stepMs = 0;
/** Fast steps before the slow ones, so that the slow ones begin in the middle of a slice. */
let fastSteps = 0;
/** A promise that resolves when the next phase begins; `undefined` during a phase. */
let resume: Promise<void> | undefined;

/** The work of a caller between two calls. It is measured by the wall clock, since processor time has a resolution of 4 ms on some systems. */
function work(): Promise<void> | undefined {
  if (fastSteps > 0) {
    fastSteps -= 1;
    return resume;
  }
  const end = performance.now() + stepMs;
  while (stepMs > 0 && performance.now() < end);
  return resume;
}

async function feed(write: (bytes: Uint8Array) => Promise<unknown>, size: number): Promise<void> {
  const bytes = new Uint8Array(size);
  for (;;) await write(bytes);
}

function fed(size: number): ReturnType<typeof pipe>["reader"] {
  const { reader, writer } = pipe();
  void feed((bytes) => writer.write(bytes), size);
  return reader;
}

async function readSlowly(reader: Reader, into = new Uint8Array(64)): Promise<void> {
  for (;;) {
    await reader.read(into);
    await work();
  }
}

async function eachSlowly(items: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of items) await work();
}

const styles: Record<string, () => unknown> = {
  read: () => readSlowly(fed(64)),
  "small reads of a long write": () => readSlowly(fed(1 << 20)),
  "long reads": () => readSlowly(fed(1 << 20), new Uint8Array(1 << 20)),
  iteration: () => eachSlowly(fed(64)),
  views: () => eachSlowly(fed(64).views()),
  "chunks of at most 64 bytes": () => eachSlowly(fed(1 << 16).chunks({ maxBytes: 64 })),
  "slow writes": async () => {
    const { reader, writer } = pipe();
    void readSlowly(reader, new Uint8Array(1024));
    for (const bytes = new Uint8Array(64); ; await work()) await writer.write(bytes);
  },
  "write and flush": async () => {
    const { reader, writer } = pipe();
    void feed(() => reader.read(new Uint8Array(512)), 0);
    for (const bytes = new Uint8Array(64); ; await work()) {
      await writer.write(bytes);
      await writer.flush();
    }
  },
  "tries and waits": async () => {
    const reader = fed(64);
    for (const into = new Uint8Array(64); ; await work())
      if (reader.tryRead(into) === 0) await reader.read(into);
  },
  "writes that fail": async () => {
    const { reader, writer } = pipe();
    reader.close();
    for (const bytes = new Uint8Array(64); ; await work()) await writer.write(bytes).catch(() => {});
  },
  "fromIterable()": () =>
    readSlowly(
      fromIterable(
        (function* () {
          for (;;) yield new Uint8Array(64);
        })(),
      ),
    ),
  "fromIterable() of a slow source of empty items": () =>
    readAll(
      fromIterable(
        (async function* () {
          for (;;) {
            await work();
            yield "";
          }
        })(),
      ),
    ),
  "readAll() over a slow reader that never waits": () =>
    readAll({
      read: async (into) => (await work(), Math.min(into.length, 8)),
      close() {},
      closeWithError() {},
    }),
  "readFull() over a slow reader that never waits": async () => {
    const read = async (): Promise<number> => (await work(), 1);
    for (;;) await readFull({ read, close() {}, closeWithError() {} }, new Uint8Array(1000));
  },
  "writeText() to a slow writer that never waits": async () => {
    const write = async (bytes: Uint8Array): Promise<number> => (await work(), Math.min(bytes.length, 3));
    for (;;) await writeText({ write, close() {}, closeWithError() {} }, "x".repeat(1000));
  },
  "tryReadLine() and a slow use of each line": async () => {
    const text = new TextEncoder().encode("line\n".repeat(1000));
    const read = async (into: Uint8Array): Promise<number> => (into.set(text), text.length);
    const reader = bufferedReader({ read, close() {}, closeWithError() {} });
    for (;;) {
      if (reader.tryReadLine() === undefined) await reader.readLine();
      const paused = work();
      if (paused !== undefined) await paused;
    }
  },
  "fairTurn()": async () => {
    for (;;) {
      await fairTurn(64);
      await work();
    }
  },
  "readerFrom() of a slow generator": () =>
    readAll(
      readerFrom(function* () {
        for (;;) {
          void work();
          yield "0123456789";
        }
      }),
    ),
  "100 pipes": () => {
    for (let count = 0; count < 100; count++) void readSlowly(fed(64));
  },
};

/** The gaps between timers while `slow` steps are taken. */
async function measure(phase: string): Promise<void> {
  const gapsMs: number[] = [];
  for (let timer = 0, last = now(); timer < 8; timer += fastSteps > 0 ? 0 : 1) {
    await pause(10);
    gapsMs.push(Math.round((now() - last) * 10) / 10);
    last = now();
  }
  console.log(JSON.stringify({ phase, gapsMs }));
}

const start = styles[style];
if (start === undefined) throw new Error(`There is no style ${style}`);
stepMs = STEP_MS;
start();
await measure("at once");

const { promise, resolve } = Promise.withResolvers<void>();
resume = promise;
await pause(100);
resume = undefined;
resolve();
await measure("after doing nothing");

// If many callers become slow at the same time, each takes one slow step before this is detected.
if (style !== "100 pipes") {
  for (const steps of [1_003, 10_007, 20_011]) {
    fastSteps = steps;
    await measure(`after ${steps} fast steps`);
  }
}
process.exit(0);
