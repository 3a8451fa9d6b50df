import {
  broadcast,
  bufferedReader,
  bufferedWriter,
  chunks,
  concat,
  copy,
  discard,
  frames,
  limit,
  lines,
  pipeTo,
  type Reader,
  readAll,
  readAtLeast,
  readFull,
  readText,
  records,
  tee,
  type Writer,
  writeFrame,
  writeText,
} from "@pipe512/core";
import { joined } from "@pipe512/testing/bytes";

/** The arguments of a helper. */
interface Run {
  readonly source: Reader;
  readonly sink: Writer;
  readonly signal?: AbortSignal | undefined;
  /** Called with the bytes that the helper has delivered to its caller, and therefore cannot put back. */
  readonly take: (bytes: Uint8Array) => void;
}

/** A helper in the table of errors. */
export interface Row {
  readonly name: string;
  /** Whether it reads from a reader, writes to a writer, or both. */
  readonly ends: "reader" | "writer" | "both";
  /** What happens to the end that has not failed, when the other end fails or the call is aborted. */
  readonly leaves: "open" | "closed";
  /** The content is frames instead of lines. */
  readonly framed?: true;
  /** Runs to the end. With `rest`, it settles only after it was passed the reader that continues at the position where this one has stopped. */
  run(run: Run, rest: (reader: Reader) => void): Promise<unknown>;
}

const utf8 = new TextEncoder();

/** Forty lines of different lengths, whose characters are of one to three bytes. */
export const TEXT: Uint8Array = utf8.encode(
  Array.from({ length: 40 }, (_, n) => `${n} ${"aå漢".repeat(n % 9)}\n`).join(""),
);

/** The same number of frames, some of them empty. */
export const FRAMES: Uint8Array = joined(
  Array.from({ length: 40 }, (_, n) => framed(new Uint8Array((n * 7) % 60).fill(n))),
);

function framed(bytes: Uint8Array): Uint8Array {
  return joined([Uint8Array.of(0, 0, 0, bytes.length), bytes]);
}

/** Reads to the end, with a signal for each read. */
async function drainWith(reader: Reader, { signal, take }: Run): Promise<void> {
  const into = new Uint8Array(97);
  for (;;) {
    const count = await reader.read(into, { signal });
    if (count === null) return;
    take(into.slice(0, count));
  }
}

/** Writes all the text in small pieces, with a signal for each write. */
async function feedWith(writer: Writer, { signal }: Run): Promise<void> {
  for (let at = 0; at < TEXT.length; at += 97) await writer.write(TEXT.subarray(at, at + 97), { signal });
  await writer.finish?.({ signal });
}

async function takeAll<T>(
  items: AsyncIterable<T>,
  bytesOf: (item: T) => Uint8Array,
  run: Run,
): Promise<void> {
  for await (const item of items) run.take(bytesOf(item));
}

const withLf = (line: string): Uint8Array => utf8.encode(`${line}\n`);
const bytesWithLf = (bytes: Uint8Array): Uint8Array => joined([bytes, utf8.encode("\n")]);
const same = (bytes: Uint8Array): Uint8Array => bytes;

/** Helpers that yield items, and close their reader or leave it at the position where they stopped. */
const iterations: readonly Row[] = (
  [
    ["lines", (run, options) => takeAll(lines(run.source, options), withLf, run)],
    [
      "records",
      (run, options) => takeAll(records(run.source, { ...options, delimiter: "\n" }), bytesWithLf, run),
    ],
    ["frames", (run, options) => takeAll(frames(run.source, options), framed, run)],
    ["chunks", (run, options) => takeAll(chunks(run.source, options), same, run)],
  ] as ReadonlyArray<readonly [string, (run: Run, options: object) => Promise<void>]>
).flatMap(([name, iterate]) => {
  const base = { ends: "reader" as const, ...(name === "frames" && { framed: true as const }) };
  return [
    { ...base, name: `${name}()`, leaves: "closed", run: (run) => iterate(run, { signal: run.signal }) },
    {
      ...base,
      name: `${name}({ preventClose })`,
      leaves: "open",
      run: (run) => iterate(run, { signal: run.signal, preventClose: true }),
    },
  ] satisfies Row[];
});

/** Repeated calls of a buffered reader. */
const bufferedCalls: readonly Row[] = (
  [
    ["readLine()", async (reader, { signal }) => withLfOrNull(await reader.readLine({ signal }))],
    ["readUntil()", (reader, { signal }) => reader.readUntil("\n", { signal })],
    ["readExactly()", (reader, { signal }) => reader.readExactly(1, { signal })],
    ["readChunk()", (reader, { signal }) => reader.readChunk({ signal, maxBytes: 100 })],
    [
      "peek() and skip()",
      async (reader, { signal }) => {
        const bytes = await reader.peek(8, { signal });
        return (await reader.skip(bytes.length, { signal })) === 0 ? null : bytes;
      },
    ],
    [
      "unread()",
      async (reader, { signal }) => {
        const bytes = await reader.readChunk({ signal });
        if (bytes === null) return null;
        reader.unread(bytes.subarray(1));
        return bytes.slice(0, 1);
      },
    ],
  ] as ReadonlyArray<
    readonly [string, (reader: ReturnType<typeof bufferedReader>, run: Run) => Promise<Uint8Array | null>]
  >
).map(([name, call]) => ({
  name: `bufferedReader().${name}`,
  ends: "reader",
  leaves: "open",
  async run(run, rest) {
    const reader = bufferedReader(run.source, { chunkSize: 64 });
    rest(reader);
    for (;;) {
      const bytes = await call(reader, run);
      if (bytes === null) return;
      run.take(bytes);
    }
  },
}));

const withLfOrNull = (line: string | null): Uint8Array | null => (line === null ? null : withLf(line));

/** Readers that are built on a reader. */
const derivedReaders: readonly Row[] = (
  [
    ["bufferedReader()", (source) => bufferedReader(source)],
    ["limit()", (source) => limit(source, TEXT.length)],
    ["limit({ overflow: error })", (source) => limit(source, TEXT.length, { overflow: "error" })],
    ["limit({ preventClose })", (source) => limit(source, TEXT.length, { preventClose: true })],
    ["concat()", (source) => concat([source])],
  ] as ReadonlyArray<readonly [string, (source: Reader) => Reader]>
).map(([name, make]) => ({
  name,
  ends: "reader",
  leaves: "open",
  run(run, rest) {
    const reader = make(run.source);
    rest(reader);
    return drainWith(reader, run);
  },
}));

export const rows: readonly Row[] = [
  ...iterations,
  ...bufferedCalls,
  ...derivedReaders,
  {
    name: "readAll()",
    ends: "reader",
    leaves: "open",
    run: async ({ source, signal, take }) => take(await readAll(source, { signal })),
  },
  {
    name: "readText()",
    ends: "reader",
    leaves: "open",
    run: async ({ source, signal, take }) => take(utf8.encode(await readText(source, { signal }))),
  },
  {
    name: "readFull()",
    ends: "reader",
    leaves: "open",
    run: ({ source, signal, take }) =>
      readInto(source, take, (into, progress) => readFull(source, into, { signal, progress })),
  },
  {
    name: "readAtLeast()",
    ends: "reader",
    leaves: "open",
    run: ({ source, signal, take }) =>
      readInto(source, take, (into, progress) =>
        readAtLeast(source, into, into.length - 10, { signal, progress }),
      ),
  },
  {
    name: "discard()",
    ends: "reader",
    leaves: "open",
    async run({ source, signal, take }) {
      const progress = { bytes: 0 };
      await discard(source, { signal, progress }).finally(() => take(TEXT.subarray(0, progress.bytes)));
    },
  },
  {
    name: "copy()",
    ends: "both",
    leaves: "open",
    run: ({ source, sink, signal }) => copy(source, sink, { signal }),
  },
  {
    name: "copy({ maxBytes })",
    ends: "both",
    leaves: "open",
    run: ({ source, sink, signal }) => copy(source, sink, { signal, maxBytes: TEXT.length + 1 }),
  },
  {
    name: "pipeTo()",
    ends: "both",
    leaves: "closed",
    run: ({ source, sink, signal }) => pipeTo(source, sink, { signal }),
  },
  {
    name: "pipeTo({ preventAbort, preventCancel })",
    ends: "both",
    leaves: "open",
    run: ({ source, sink, signal }) =>
      pipeTo(source, sink, { signal, preventAbort: true, preventCancel: true }),
  },
  {
    name: "bufferedWriter()",
    ends: "writer",
    leaves: "open",
    run: (run) => feedWith(bufferedWriter(run.sink, { size: 128 }), run),
  },
  {
    name: "broadcast()",
    ends: "writer",
    leaves: "open",
    run: (run) => feedWith(broadcast([run.sink]), run),
  },
  {
    name: "writeText()",
    ends: "writer",
    leaves: "open",
    run: ({ sink, signal }) => writeText(sink, new TextDecoder().decode(TEXT), { signal }),
  },
  {
    name: "writeFrame()",
    ends: "writer",
    leaves: "open",
    run: ({ sink, signal }) => writeFrame(sink, TEXT, { signal }),
  },
  {
    name: "tee()",
    ends: "both",
    leaves: "closed",
    run: (run) => drainWith(tee(run.source, run.sink), { ...run, signal: undefined }),
  },
];

/** Reads all the text in one call, and returns the bytes that were read, whether the call resolves or rejects. */
async function readInto(
  _source: Reader,
  take: (bytes: Uint8Array) => void,
  read: (into: Uint8Array, progress: { bytes: number }) => Promise<number | null>,
): Promise<void> {
  const into = new Uint8Array(TEXT.length);
  const progress = { bytes: 0 };
  try {
    await read(into, progress);
  } finally {
    take(into.subarray(0, progress.bytes));
  }
}
