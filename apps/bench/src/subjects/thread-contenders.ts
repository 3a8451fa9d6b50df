import type { Contender } from "./contenders.ts";

const threads = () => import("./threads.ts");

/** What the targets of `@pipe512/core/shared` compare: a thread writes, the main thread reads. */
export const threadContenders: readonly Contender[] = [
  {
    name: "shared, blocking",
    role: "yardstick",
    about: "@pipe512/core/shared, writeSync in a thread, readSync here",
    load: async () => {
      const { BlockingPipe } = await threads();
      return (options) => new BlockingPipe(options);
    },
  },
  {
    name: "shared, awaited",
    role: "yardstick",
    about: "@pipe512/core/shared, writeSync in a thread, await read here",
    load: async () => {
      const { AwaitedPipe } = await threads();
      return (options) => new AwaitedPipe(options);
    },
  },
  {
    name: "postMessage",
    role: "yardstick",
    about: "copies by messages, 256 KiB on their way at most",
    load: async () => {
      const { Messages } = await threads();
      return (options) => new Messages(options);
    },
  },
  {
    name: "kernel FIFO",
    role: "yardstick",
    about: "fs.writeSync in a thread, fs.readSync here, 64 KiB in between",
    load: async () => {
      const { Fifo } = await threads();
      return (options) => new Fifo(options);
    },
  },
];
