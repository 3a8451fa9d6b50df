import type { Contender } from "./contenders.ts";

/** The pipe in its four styles, and its adapters. */
export const ours: readonly Contender[] = [
  {
    name: "core await",
    role: "ours",
    known: true,
    about: "await writer.write(chunk), await reader.read(into)",
    load: async () => (await import("./core-await.ts")).open,
  },
  {
    name: "core try…",
    role: "ours",
    known: true,
    about: "tryWrite and tryRead, await only where they return 0",
    load: async () => (await import("./core-try.ts")).open,
  },
  {
    name: "core for await",
    role: "ours",
    known: true,
    about: "for await (const chunk of reader), writing on until told to wait",
    load: async () => (await import("./core-for-await.ts")).open,
  },
  {
    name: "core views",
    role: "ours",
    known: true,
    about: "for await (const view of reader.views()), no copy of large chunks",
    load: async () => (await import("./core-views.ts")).open,
  },
  {
    name: "pipeDuplex",
    role: "ours",
    about: "@pipe512/node, one Duplex, used as PassThrough is",
    load: async () => (await import("./ours-node.ts")).duplex(false),
  },
  {
    name: "pipeDuplex, given away",
    role: "ours",
    about: "the same with transfer: true",
    givesAway: true,
    load: async () => (await import("./ours-node.ts")).duplex(true),
  },
  {
    name: "toReadable",
    role: "ours",
    about: "@pipe512/node, a writer of the pipe, and for await over toReadable(reader)",
    load: async () => (await import("./ours-node.ts")).readable,
  },
  {
    name: "toReadable, given away",
    role: "ours",
    about: "the same with transfer: true",
    givesAway: true,
    load: async () => (await import("./ours-node.ts")).readable,
  },
  {
    name: "toWritable",
    role: "ours",
    about: "@pipe512/node, toWritable(writer), and a reader of the pipe",
    load: async () => (await import("./ours-node.ts")).writable(false),
  },
  {
    name: "toWritable, given away",
    role: "ours",
    about: "the same with transfer: true",
    givesAway: true,
    load: async () => (await import("./ours-node.ts")).writable(true),
  },
  {
    name: "Web pipeStream",
    role: "ours",
    about: "@pipe512/web, a pair of streams, used as TransformStream is",
    load: async () => (await import("./ours-web.ts")).stream(false),
  },
  {
    name: "Web toReadableStream",
    role: "ours",
    about: "@pipe512/web, a writer of the pipe, and toReadableStream(reader)",
    load: async () => (await import("./ours-web.ts")).readableStream,
  },
  {
    name: "Web BYOB",
    role: "ours",
    about: "the same as a stream of bytes, read into an array of the consumer's",
    load: async () => (await import("./ours-web.ts")).byob,
  },
  {
    name: "readEach",
    role: "ours",
    about: "@pipe512/rxjs, readEach(reader, step), back-pressure to the last step",
    load: async () => (await import("./ours-rxjs.ts")).each,
  },
  {
    name: "throughPipe",
    role: "ours",
    about: "@pipe512/rxjs, subject.pipe(throughPipe(), concatMap(step)), its queue without a limit",
    tellsNobody: true,
    load: async () => (await import("./ours-rxjs.ts")).operator,
  },
];
