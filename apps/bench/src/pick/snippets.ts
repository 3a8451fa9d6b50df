import type { Have, Need } from "./questions.ts";

/** One side of the advised code: its imports, and its use of `reader`. */
interface Snippet {
  readonly why: string;
  readonly imports: Readonly<Record<string, readonly string[]>>;
  readonly code: string;
}

/** How bytes come to a `reader`, for each source. */
export const sources = (
  isLarge: boolean,
): Readonly<Record<Exclude<Have, "process" | "messages">, Snippet>> => ({
  code: {
    why: "readerFrom() runs your writing code, and makes it wait for the reader.",
    imports: { "@pipe512/core": ["readerFrom"] },
    code: `const reader = readerFrom(async (writer) => {
  for (const chunk of chunks()) await writer.write(chunk${isLarge ? ", { transfer: true }" : ""});
});`,
  },
  iterable: {
    why: "fromIterable() reads from anything that a loop can iterate over.",
    imports: { "@pipe512/core": ["fromIterable"] },
    code: "const reader = fromIterable(source);",
  },
  node: {
    why: "fromReadable() reads a Node stream only as far as the reader pulls.",
    imports: { "@pipe512/node": ["fromReadable"] },
    code: "const reader = fromReadable(source);",
  },
  web: {
    why: "fromReadableStream() reads a Web stream only as far as the reader pulls.",
    imports: { "@pipe512/web": ["fromReadableStream"] },
    code: "const reader = fromReadableStream(source);",
  },
  observable: {
    why: "fromObservable() queues the values that come between reads, up to your limit.",
    imports: { "@pipe512/rxjs": ["fromObservable"] },
    code: "const reader = fromObservable(source, { maxBytes: 1_048_576 });",
  },
  thread: {
    why: "The ends of a shared pipe are attached in different threads; in its own thread, the writer may block or await.",
    imports: {
      "@pipe512/core/shared": ["attachReader", "sharedPipe", "supervise"],
      "node:worker_threads": ["Worker"],
    },
    code: `// writer.js: attachWriter(workerData).writeSync(bytes), then close()
const { readerHandle, writerHandle } = sharedPipe();
const worker = new Worker(new URL("./writer.js", import.meta.url), { workerData: writerHandle });
supervise(worker, writerHandle);
const reader = attachReader(readerHandle);`,
  },
});

/** Where the bytes of a `reader` go. */
export const sinks = (hasChunks: boolean): Readonly<Record<Need, Snippet>> => ({
  code: hasChunks
    ? {
        why: "A loop over the reader gets chunks that it owns.",
        imports: {},
        code: "for await (const chunk of reader) await use(chunk);",
      }
    : {
        why: "Reading into your own array allocates nothing.",
        imports: {},
        code: `const into = new Uint8Array(65_536);
for (let count = await reader.read(into); count !== null; count = await reader.read(into)) {
  await use(into.subarray(0, count));
}`,
      },
  node: {
    why: "toReadable() turns the reader into a Node stream that reads when it is pulled.",
    imports: { "@pipe512/node": ["toReadable"], "node:stream/promises": ["pipeline"] },
    code: "await pipeline(toReadable(reader), sink);",
  },
  web: {
    why: "toReadableStream() turns the reader into a Web stream that reads when it is pulled.",
    imports: { "@pipe512/web": ["toReadableStream"] },
    code: "await toReadableStream(reader).pipeTo(sink);",
  },
  observable: {
    why: "readEach() waits for the last step before it reads on. No operator of RxJS can do this.",
    imports: { "@pipe512/rxjs": ["readEach"], rxjs: ["lastValueFrom"] },
    code: "await lastValueFrom(readEach(reader, async (chunk) => use(chunk)), { defaultValue: undefined });",
  },
  thread: {
    why: "A shared pipe carries the bytes over. In its own thread, the reader may block or await.",
    imports: {
      "@pipe512/core": ["copy"],
      "@pipe512/core/shared": ["attachWriter", "sharedPipe", "supervise"],
      "node:worker_threads": ["Worker"],
    },
    code: `// reader.js: for (const line of attachReader(workerData).linesSync()) …
const shared = sharedPipe();
const thread = new Worker(new URL("./reader.js", import.meta.url), { workerData: shared.readerHandle });
supervise(thread, shared.readerHandle);
const writer = attachWriter(shared.writerHandle);
await copy(reader, writer);
writer.close();`,
  },
  whole: {
    why: "readAll() collects it.",
    imports: { "@pipe512/core": ["readAll"] },
    code: "const all = await readAll(reader);",
  },
});

/** Both sides as one program. */
export function together(...sides: readonly Snippet[]): string {
  const imports = new Map<string, Set<string>>();
  for (const [from, names] of sides.flatMap((side) => Object.entries(side.imports)))
    imports.set(from, new Set([...(imports.get(from) ?? []), ...names]));
  const lines = [...imports]
    .toSorted(([a], [b]) => a.localeCompare(b))
    .map(([from, names]) => `import { ${[...names].toSorted().join(", ")} } from "${from}";`);
  return [lines.join("\n"), sides.map(({ code }) => code).join("\n")]
    .filter((part) => part !== "")
    .join("\n\n");
}
