import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { bufferedReader, lines } from "@pipe512/core";
import split2 from "split2";
import type { Contest } from "./contest.ts";
import { source } from "./source.ts";

async function count(items: AsyncIterable<unknown>): Promise<number> {
  let units = 0;
  for await (const _ of items) units += 1;
  return units;
}

/** Counts the `event`s of a stream until `end`. */
function countEvents(emitter: NodeJS.EventEmitter, event: string, end: string): Promise<number> {
  let units = 0;
  return new Promise((resolve, reject) => {
    emitter.on(event, () => (units += 1));
    emitter.once(end, () => resolve(units));
    emitter.once("error", reject);
  });
}

/** The text of a file, in pieces that end after a complete line. */
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

/** Returns a function that returns the next line of a text at each call. */
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

/** Iterates over the lines of a text by promises that are already fulfilled. */
function promised(text: string): AsyncIterable<string> {
  const cut = cutter(text);
  const next = (): Promise<IteratorResult<string, undefined>> => {
    const value = cut();
    return Promise.resolve(value === undefined ? { done: true, value } : { done: false, value });
  };
  return { [Symbol.asyncIterator]: () => ({ next }) };
}

const split = (file: string): Readable => createReadStream(file).pipe(split2());

/** Reads every line of a file, in several ways. */
export const linesOfFile: Contest = {
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
      // One promise for each line: the minimum cost of a loop over an async iterator.
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
      // One unit for each LF, which ends a line.
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
