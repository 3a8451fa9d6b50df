import type { Implementation } from "./implementation.ts";

const VIEW_BYTES = 65_536;

const loops = async () => (await import("./web-loops.ts")).webLoops;
const through = () => import("./web-through.ts");
const reading = () => import("./web-reading.ts");

/** The implementations that the targets of `@pipe512/web` compare. */
export const webImplementations: readonly Implementation[] = [
  {
    name: "pipeStream",
    role: "yardstick",
    about: "@pipe512/web, byob: false, a write loop and a read loop",
    load: async () => (await loops())(false),
  },
  {
    name: "pipeStream, transferred",
    role: "yardstick",
    about: "the same with transfer: true",
    load: async () => (await loops())(true),
  },
  {
    name: "through pipeStream",
    role: "yardstick",
    about: "source.pipeThrough(pipeStream({ byob: false }))",
    load: async () => (await through()).throughPipeStream(false),
  },
  {
    name: "through pipeStream, transferred",
    role: "yardstick",
    about: "the same with transfer: true",
    load: async () => (await through()).throughPipeStream(true),
  },
  {
    name: "through TransformStream",
    role: "yardstick",
    about: "source.pipeThrough(new TransformStream()), chunks passed on by reference",
    load: async () => (await through()).throughTransformStream,
  },
  {
    name: "through copying TransformStream",
    role: "yardstick",
    about: "source.pipeThrough(), a copy of each chunk passed on",
    load: async () => (await through()).throughCopyingTransformStream,
  },
  {
    name: "toReadableStream",
    role: "yardstick",
    about: "writer.write(chunk), and toReadableStream(reader, { byob: false }) on the other side",
    load: async () => (await reading()).readerStream(false),
  },
  {
    name: "bare ReadableStream",
    role: "yardstick",
    about: "no pipe, a source that enqueues owned copies",
    load: async () => (await reading()).bareStream(false),
  },
  {
    name: "toReadableStream, bytes",
    role: "yardstick",
    about: "writer.write(chunk), and toReadableStream(reader) on the other side",
    load: async () => (await reading()).readerStream(true),
  },
  {
    name: "bare byte stream",
    role: "yardstick",
    about: "no pipe, a source of bytes that enqueues owned copies",
    load: async () => (await reading()).bareStream(true),
  },
  {
    name: "toReadableStream, BYOB",
    role: "yardstick",
    about: "the same, read into a view of 64 KiB that the consumer uses again",
    load: async () => (await reading()).readerStream(true, VIEW_BYTES),
  },
  {
    name: "bare byte stream, BYOB",
    role: "yardstick",
    about: "no pipe, a source of bytes that enqueues owned copies, read into a view of 64 KiB",
    load: async () => (await reading()).bareStream(true, VIEW_BYTES),
  },
  {
    name: "filled byte stream, BYOB",
    role: "yardstick",
    about: "no pipe, a source of bytes that copies into the view of 64 KiB and enqueues nothing",
    load: async () => (await reading()).filledStream(VIEW_BYTES),
  },
];
