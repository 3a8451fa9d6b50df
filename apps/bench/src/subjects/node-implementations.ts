import type { Implementation } from "./implementation.ts";

const pipelines = () => import("./node-pipeline.ts");

/** The implementations that the targets of `@pipe512/node` compare. */
export const nodeImplementations: readonly Implementation[] = [
  {
    name: "through pipeDuplex",
    role: "yardstick",
    about: "pipeline(source, pipeDuplex(), sink), highWaterMark 512",
    load: async () => (await pipelines()).throughPipe,
  },
  {
    name: "through PassThrough",
    role: "yardstick",
    about: "the same with a PassThrough, chunks passed on by reference",
    load: async () => (await pipelines()).throughPassThrough,
  },
  {
    name: "through copying Transform",
    role: "yardstick",
    about: "the same with a Transform that copies each chunk",
    load: async () => (await pipelines()).throughCopy,
  },
  {
    name: "through bare Duplex",
    role: "yardstick",
    about: "the same with the smallest possible Duplex, which copies each chunk unless it is transferred",
    load: async () => (await pipelines()).throughBareDuplex,
  },
  {
    name: "toReadable, writing on",
    role: "yardstick",
    about: "for await over toReadable(reader), writing until the ring is full",
    load: async () => (await import("./node-readable.ts")).open,
  },
];
