import { createReadStream, createWriteStream, rmSync } from "node:fs";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import {
  bufferedReader,
  bufferedWriter,
  copy,
  discard,
  lines,
  pipe,
  pipeTo,
  type Reader,
  type Writer,
} from "@pipe512/core";
import { fromReadable, fromWritable } from "@pipe512/node";
import split2 from "split2";

/** What helpers and their peers are measured at. */
export interface Contest {
  readonly name: string;
  /** What is counted: the cost is the time for one of them. */
  readonly unit: string;
  readonly implementations: readonly Implementation[];
}

interface Implementation {
  readonly name: string;
  readonly role: "ours" | "peer" | "floor";
  /** Goes through the file once, and returns how many units it has met. `output` is a file that it may write. */
  run(file: string, output: string): Promise<number>;
}

const source = (file: string): Reader => fromReadable(createReadStream(file));

async function count(items: AsyncIterable<unknown>): Promise<number> {
  let units = 0;
  for await (const _ of items) units += 1;
  return units;
}

/** As many units as a stream has `event`s. */
function countEvents(emitter: NodeJS.EventEmitter, event: string, end: string): Promise<number> {
  let units = 0;
  return new Promise((resolve, reject) => {
    emitter.on(event, () => (units += 1));
    emitter.once(end, () => resolve(units));
    emitter.once("error", reject);
  });
}

/** A file in pieces that end with their last line. */
async function* textsOf(file: string): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
    const text = rest + decoder.decode(chunk, { stream: true });
    const end = text.lastIndexOf("\n") + 1;
    rest = text.slice(end);
    yield text.slice(0, end);
  }
}

/** Cuts one line after the other off a text. */
function cutter(text: string): () => string | undefined {
  let at = 0;
  return () => {
    const end = text.indexOf("\n", at);
    if (end === -1) return undefined;
    const line = text.slice(at, end);
    at = end + 1;
    return line;
  };
}

/** The lines of a text, each in a promise that is fulfilled already. */
function promised(text: string): AsyncIterable<string> {
  const cut = cutter(text);
  const next = (): Promise<IteratorResult<string, undefined>> => {
    const value = cut();
    return Promise.resolve(value === undefined ? { done: true, value } : { done: false, value });
  };
  return { [Symbol.asyncIterator]: () => ({ next }) };
}

const linesOfFile: Contest = {
  name: "lines of a file",
  unit: "line",
  implementations: [
    { name: "lines()", role: "ours", run: (file) => count(lines(source(file))) },
    {
      name: "readLine()",
      role: "ours",
      async run(file) {
        const reader = bufferedReader(source(file));
        let units = 0;
        while ((await reader.readLine()) !== null) units += 1;
        return units;
      },
    },
    {
      name: "tryReadLine()",
      role: "ours",
      async run(file) {
        const reader = bufferedReader(source(file));
        let units = 0;
        while ((reader.tryReadLine() ?? (await reader.readLine())) !== null) units += 1;
        return units;
      },
    },
    {
      name: "readline, for await",
      role: "peer",
      run: (file) =>
        count(createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY })),
    },
    {
      name: 'readline, on("line")',
      role: "peer",
      run: (file) =>
        countEvents(
          createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY }),
          "line",
          "close",
        ),
    },
    { name: "split2, for await", role: "peer", run: (file) => count(split(file)) },
    { name: 'split2, on("data")', role: "peer", run: (file) => countEvents(split(file), "data", "end") },
    {
      name: "cut by hand, for await",
      role: "floor",
      // One promise a line, and nothing else: no loop over an asynchronous iterator costs less.
      async run(file) {
        let units = 0;
        for await (const text of textsOf(file)) units += await count(promised(text));
        return units;
      },
    },
    {
      name: "cut by hand",
      role: "floor",
      async run(file) {
        let units = 0;
        for await (const text of textsOf(file)) {
          const cut = cutter(text);
          while (cut() !== undefined) units += 1;
        }
        return units;
      },
    },
    {
      name: "reading alone",
      role: "floor",
      // One unit for each line, as far as they are told apart by their LF.
      async run(file) {
        let units = 0;
        for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
          for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) units += 1;
        }
        return units;
      },
    },
  ],
};

const split = (file: string): Readable => createReadStream(file).pipe(split2());

const RECORD = new Uint8Array(16).fill(97);
const RECORDS = 500_000;

async function writeRecords(writer: Writer): Promise<number> {
  for (let units = 0; units < RECORDS; units++) await writer.write(RECORD);
  await writer.finish?.();
  writer.close();
  return RECORDS;
}

/** A pipe whose reader takes everything. */
function drained(): { writer: Writer; done: Promise<number> } {
  const { reader, writer } = pipe();
  return { writer, done: discard(reader) };
}

const smallWrites: Contest = {
  name: "writes of 16 bytes",
  unit: "write",
  implementations: [
    {
      name: "to a pipe, bufferedWriter()",
      role: "ours",
      async run() {
        const { writer, done } = drained();
        await Promise.all([writeRecords(bufferedWriter(writer)), done]);
        return RECORDS;
      },
    },
    {
      name: "to a pipe, one by one",
      role: "peer",
      async run() {
        const { writer, done } = drained();
        await Promise.all([writeRecords(writer), done]);
        return RECORDS;
      },
    },
    {
      name: "to a file, bufferedWriter()",
      role: "ours",
      run: (_, output) => writeRecords(bufferedWriter(fromWritable(createWriteStream(output)))),
    },
    {
      name: "to a file, one by one",
      role: "peer",
      run: (_, output) => writeRecords(fromWritable(createWriteStream(output))),
    },
  ],
};

const MIB = 1_048_576;

const copies: Contest = {
  name: "copy of a file",
  unit: "MiB",
  implementations: [
    {
      name: "copy()",
      role: "ours",
      async run(file, output) {
        const sink = fromWritable(createWriteStream(output));
        const bytes = await copy(source(file), sink);
        await (sink.finish?.() ?? sink.close());
        return bytes / MIB;
      },
    },
    {
      name: "pipeTo()",
      role: "ours",
      run: async (file, output) =>
        (await pipeTo(source(file), fromWritable(createWriteStream(output)))) / MIB,
    },
    {
      name: "pipeTo({ transfer })",
      role: "ours",
      run: async (file, output) => {
        const from = fromReadable(createReadStream(file), { transfer: true });
        const sink = fromWritable(createWriteStream(output), { transfer: true });
        return (await pipeTo(from, sink, { transfer: true })) / MIB;
      },
    },
    {
      name: "stream.pipeline()",
      role: "peer",
      async run(file, output) {
        const from = createReadStream(file);
        await pipeline(from, createWriteStream(output));
        return from.bytesRead / MIB;
      },
    },
  ],
};

export const contests: readonly Contest[] = [linesOfFile, smallWrites, copies];

/** Removes what a run has written, so that the next one does not overwrite pages that are still to be flushed. */
export function clean(output: string): void {
  rmSync(output, { force: true });
}
