import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import { beforeEach, describe, expect, test } from "vitest";
import { ImplementationProcess } from "../src/runner/implementation-process.ts";
import { findC, findGo, runsOn } from "../src/runner/runtimes.ts";
import type { CostSample } from "../src/scenarios/scenario.ts";
import type { WholeFileSample } from "../src/scenarios/whole-file.ts";
import type { Channel } from "../src/subjects/channel.ts";
import { implementations, GO } from "../src/subjects/implementations.ts";
import { cut, cutSource, FileLoad, type Load, RepeatedLoad } from "../src/subjects/load.ts";
import { C_RING, ORDERED_C_RING } from "../src/subjects/threads/implementations.ts";
import { positions } from "./support/bytes.ts";
import { Folder } from "./support/command-line.ts";

const FILE = positions(70_001);

/** All bytes that a channel delivers when a load is sent into it. */
async function sent(channel: Channel, load: Load): Promise<Uint8Array> {
  const arrived: number[] = [];
  const receiving = channel.receive({
    take(bytes, length) {
      for (let at = 0; at < length; at++) arrived.push(bytes[at] as number);
    },
  });
  await Promise.all([receiving, channel.send(load)]);
  return Uint8Array.from(arrived);
}

for (const one of implementations) {
  const { name, load, needs, tellsNobody, hasThreads } = one;
  // Implementations between threads block the reading thread. They are tested below, in a separate process.
  if (load === undefined || hasThreads) continue;
  const isHere = runsOn(one, process.versions.node) && needs?.flags === undefined;
  const missing = `needs Node ${[needs?.node, ...(needs?.flags ?? [])].join(" ")}, this is ${process.version}`;
  describe(`Implementation "${name}"`, () => {
    beforeEach(({ skip }) => skip(!isHere, missing));

    // Red when: its send() omits a chunk, or its receive() passes on the whole array instead of the received bytes.
    test.each([1, 511, 512, 513, 1033, 65_536])(
      "delivers a file byte for byte in chunks of %i",
      async (chunkBytes) => {
        const open = await load();
        // Transfers of single bytes are slow, and without backpressure all of them are queued.
        const file = tellsNobody || chunkBytes === 1 ? FILE.subarray(0, 5000) : FILE;
        const arrived = await sent(open({ readBytes: 65_536 }), new FileLoad(file, chunkBytes));
        expect(arrived.length).toBe(file.length);
        expect(arrived.findIndex((byte, position) => byte !== file[position])).toBe(-1);
      },
    );

    // Red when: held() counts only one side of it, or counts read bytes.
    test("holds nothing once everything was read", async () => {
      const channel = (await load())({ readBytes: 1000 });
      await sent(channel, new FileLoad(FILE.subarray(0, 5000), 1033));
      expect(channel.held()).toBe(0);
    });
  });
}

describe("Implementations between threads", { timeout: 30_000 }, () => {
  const node = {
    path: process.execPath,
    args: ["--conditions=@pipe512/source", fileURLToPath(new URL("../src/runner/child.ts", import.meta.url))],
  };
  const inJavaScript = implementations
    .filter(({ load, hasThreads, carriesNothing }) => load !== undefined && hasThreads && !carriesNothing)
    .map(({ name }) => name);

  // Red when: a thread omits a chunk, sends it twice or pads the last one, or keeps an earlier load.
  test.for(inJavaScript)("%s delivers a file byte for byte in chunks of any size", async (name) => {
    using folder = new Folder();
    const file = folder.add("file", FILE);
    const parameters = { chunkSizesBytes: [511, 512, 513, 1033, 65_536] };
    const task = { implementation: name, scenario: "file", file, parameters } as const;
    const child = await ImplementationProcess.start(node, task, 60_000);
    const { arrived } = await child.ask<WholeFileSample>({ measureMs: 1 }, 60_000);
    await child.end();
    const sha256 = createHash("sha256").update(FILE).digest("hex");
    expect(arrived).toEqual(
      parameters.chunkSizesBytes.map((chunkBytes) => ({ chunkBytes, bytes: FILE.length, sha256 })),
    );
  });

  // Red when: an answer is not awaited, or comes from this thread: no thread answers in less than 50 ns.
  test.for([
    "Thread pipe",
    "Thread pipe awaited",
    "Thread postMessage",
    "Thread ringbuf.js",
    "Thread FIFO",
    "Thread bare wait",
    "Thread bare wait awaited",
  ])("%s gets a byte back from the other thread", async (name) => {
    using folder = new Folder();
    const task = {
      implementation: name,
      scenario: "echo",
      file: folder.add("file", FILE),
      parameters: {},
    } as const;
    const child = await ImplementationProcess.start(node, task, 60_000);
    await child.ask({ warmUpMs: 1 }, 60_000);
    const { cost, steps } = await child.ask<CostSample>({ measureMs: 1 }, 60_000);
    await child.end();
    expect(steps).toBeGreaterThan(0);
    expect(cost).toBeGreaterThan(50);
  });

  // Red when: the C program does not parse its arguments or a request. It then answers with an error.
  test.for([C_RING, ORDERED_C_RING])("%s answers as the others do", async (implementation, { skip }) => {
    const c = await findC(new AbortController().signal);
    if (typeof c === "string") {
      skip(c);
      return;
    }
    const task = {
      implementation,
      scenario: "transfer",
      file: "",
      parameters: { chunkBytes: 1033, poolBytes: 2066 },
    } as const;
    const child = await ImplementationProcess.start(c.command, task, 60_000);
    await child.ask({ warmUpMs: 1 }, 60_000);
    const sample = await child.ask<CostSample>({ measureMs: 1 }, 60_000);
    await child.end();
    expect(sample).toMatchObject({ unit: "ns/chunk" });
    expect(sample.cost * sample.steps).toBeCloseTo(sample.elapsedNs, -4);
  });
});

describe(`Implementation "${GO}"`, () => {
  // Red when: the last chunk of the file is padded or omitted, or a chunk is sent twice.
  test("delivers a file byte for byte in chunks of any size", { timeout: 120_000 }, async ({ skip }) => {
    const go = await findGo(new AbortController().signal);
    if (typeof go === "string") {
      skip(go);
      return;
    }
    using folder = new Folder();
    const file = folder.add("file", FILE);
    const parameters = { chunkSizesBytes: [1, 511, 512, 513, 1033, 65_536] };
    const child = await ImplementationProcess.start(
      go.command,
      { implementation: GO, scenario: "file", file, parameters },
      60_000,
    );
    const { arrived } = await child.ask<WholeFileSample>({ measureMs: 1 }, 60_000);
    await child.end();
    const sha256 = createHash("sha256").update(FILE).digest("hex");
    expect(arrived).toEqual(
      parameters.chunkSizesBytes.map((chunkBytes) => ({ chunkBytes, bytes: FILE.length, sha256 })),
    );
  });
});

describe('Implementation "core for await"', () => {
  // Red when: the transfer of the load's arrays is not passed on to write().
  test("passes on the same arrays that are transferred", async () => {
    const { open } = await import("../src/subjects/core-for-await.ts");
    const chunks = cut(FILE, 10_000, true);
    const channel = open({ readBytes: 1 });
    const arrived: Uint8Array[] = [];
    await Promise.all([
      channel.receive({ take: (bytes) => arrived.push(bytes) }),
      channel.send(new RepeatedLoad(chunks, chunks.length, true)),
    ]);
    expect(arrived.map((array) => chunks.indexOf(array))).toEqual(chunks.map((_, index) => index));
  });
});

describe("cut()", () => {
  // Red when: the rest of the file that does not fill a chunk is kept.
  test("makes chunks of equal length", () => {
    expect(cut(FILE, 512).length).toBe(Math.floor(FILE.length / 512));
    expect(new Set(cut(FILE, 512).map(({ length }) => length))).toEqual(new Set([512]));
  });

  // Red when: a short file makes a short chunk, or no chunk at all.
  test("repeats a file that is shorter than one chunk", () => {
    expect(cut(Uint8Array.of(1, 2, 3), 7)).toEqual([Uint8Array.of(1, 2, 3, 1, 2, 3, 1)]);
  });

  // Red when: chunks to be transferred are views of the file.
  test("gives each chunk its own buffer if they are transferred", () => {
    const [first, second] = cut(FILE, 512, true);
    expect(first?.buffer.byteLength).toBe(512);
    expect(first?.buffer).not.toBe(second?.buffer);
  });
});

describe("source of a load", () => {
  // Red when: it is the whole file instead of the chunks' part of it, or the rest of the file is missing.
  test("is cut into the same chunks as the load", () => {
    const chunks = cut(FILE, 10_000);
    expect(cutSource(new RepeatedLoad(chunks, 99).source)).toEqual(chunks);
    expect(cutSource(new FileLoad(FILE, 40_000).source).map(({ length }) => length)).toEqual([
      40_000, 30_001,
    ]);
  });
});

describe("RepeatedLoad", () => {
  // Red when: next() stops, or skips one, at the last chunk.
  test("gives its chunks in turn, again and again", () => {
    const [a, b, c] = [Uint8Array.of(1), Uint8Array.of(2), Uint8Array.of(3)];
    const load = new RepeatedLoad([a, b, c], 7);
    expect(Array.from({ length: load.count }, () => load.next()[0])).toEqual([1, 2, 3, 1, 2, 3, 1]);
  });
});
