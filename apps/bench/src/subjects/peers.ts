import type { Contender } from "./contender.ts";

/** What people would use instead. */
export const peers: readonly Contender[] = [
  {
    name: "PassThrough",
    role: "peer",
    known: true,
    about: "node:stream, default highWaterMark, chunks passed on by reference",
    load: async () => (await import("./pass-through.ts")).passThrough(),
  },
  {
    name: "PassThrough 512",
    role: "peer",
    known: true,
    about: "node:stream, highWaterMark 512, chunks passed on by reference",
    load: async () => (await import("./pass-through.ts")).passThrough(512),
  },
  {
    name: "duplexPair",
    role: "peer",
    about: "node:stream, two connected ends, from Node 22.6",
    needs: { node: "22.6.0" },
    load: async () => (await import("./duplex-pair.ts")).open,
  },
  {
    name: "TransformStream",
    role: "peer",
    known: true,
    about: "Web Streams, identity, chunks passed on by reference",
    load: async () => (await import("./transform-stream.ts")).open,
  },
  {
    name: "byte stream",
    role: "peer",
    about: "Web Streams, a ReadableStream of bytes whose source enqueues a copy when it is asked",
    load: async () => (await import("./byte-stream.ts")).open,
  },
  {
    name: "stream/iter",
    role: "peer",
    about: "node:stream/iter, push(), an experiment of Node 26",
    needs: { node: "26.0.0", flags: ["--experimental-stream-iter"] },
    load: async () => (await import("./stream-iter.ts")).open,
  },
  {
    name: "streamx",
    role: "peer",
    about: "PassThrough of streamx, default highWaterMark",
    load: async () => (await import("./streamx.ts")).open,
  },
  {
    name: "minipass",
    role: "peer",
    about: "the stream that npm is made with",
    load: async () => (await import("./minipass.ts")).open,
  },
  {
    name: "it-pushable",
    role: "peer",
    about: "an async iterable that is pushed into, with a queue that has no end",
    load: async () => (await import("./it-pushable.ts")).open,
  },
  {
    name: "it-queueless-pushable",
    role: "peer",
    about: "an async iterable that is pushed into, one chunk at a time",
    load: async () => (await import("./it-queueless-pushable.ts")).open,
  },
  {
    name: "web-streams-polyfill",
    role: "peer",
    about: "TransformStream in JavaScript, for platforms without",
    load: async () => (await import("./web-streams-polyfill.ts")).open,
  },
  {
    name: "RxJS Subject",
    role: "peer",
    about: "subject.pipe(concatMap(step)), which can tell nobody to wait",
    tellsNobody: true,
    load: async () => (await import("./subject.ts")).open,
  },
  {
    name: "RxJS from",
    role: "peer",
    about: "from(asyncIterable).pipe(concatMap(step)), which pulls as fast as it goes",
    load: async () => (await import("./from-iterable.ts")).open,
  },
];
