import type { Implementation } from "../implementation.ts";
import { pretend } from "./processors.ts";

const sharedPipe = () => import("./shared-pipe.ts");

/** The implementations in C. The second one has the cost of JavaScript's atomic operations, which are all sequentially consistent. */
export const C_RING = "Thread C ring";
export const ORDERED_C_RING = "Thread C ring, ordered";

const bareWait = () => import("./bare-wait.ts");

/** The implementations between threads: another thread writes, the main thread reads. */
export const threadImplementations: readonly Implementation[] = [
  {
    name: "Thread pipe",
    title: "thread to blocked thread",
    role: "ours",
    onRequest: true,
    about: "@pipe512/core/shared, writeSync in a thread, readSync here",
    load: async () => {
      const { BlockingPipe } = await sharedPipe();
      return (options) => new BlockingPipe(options);
    },
  },
  {
    name: "Thread pipe awaited",
    title: "thread to awaiting thread",
    role: "ours",
    onRequest: true,
    about: "@pipe512/core/shared, writeSync in a thread, await read here",
    load: async () => {
      const { AwaitedPipe } = await sharedPipe();
      return (options) => new AwaitedPipe(options);
    },
  },
  {
    name: "Thread postMessage",
    role: "peer",
    lacks: ["bound"],
    onRequest: true,
    about: "copies by messages, 256 KiB on their way at most",
    load: async () => {
      const { Messages } = await import("./messages.ts");
      return (options) => new Messages(options);
    },
  },
  {
    name: "Thread stream",
    role: "peer",
    lacks: ["bound"],
    onRequest: true,
    about: "a ReadableStream that a thread posts to this one",
    load: async () => {
      const { PostedStream } = await import("./stream.ts");
      return (options) => new PostedStream(options);
    },
  },
  {
    name: "Thread ringbuf.js",
    role: "peer",
    lacks: [],
    samePromise: true,
    onRequest: true,
    about: "npm ringbuf.js, 512 bytes, both threads try until it goes and never sleep",
    load: async () => {
      const { Ringbuf } = await import("./ringbuf.ts");
      return (options) => new Ringbuf(options);
    },
  },
  {
    name: "Thread FIFO",
    role: "peer",
    lacks: ["bound"],
    onRequest: true,
    about: "a FIFO of the kernel, fs.writeSync in a thread, fs.readSync here, 64 KiB in between",
    load: async () => {
      const { Fifo } = await import("./fifo.ts");
      return (options) => new Fifo(options);
    },
  },
  {
    name: C_RING,
    role: "floor",
    onRequest: true,
    about: "two threads in C that spin on a ring of 512 bytes, no JavaScript",
  },
  {
    name: ORDERED_C_RING,
    role: "yardstick",
    about: "the same with sequentially consistent stores, the only ones of JavaScript",
  },
  {
    name: "Thread bare wait",
    role: "yardstick",
    about: "no pipe, Atomics.wait in both threads",
    carriesNothing: true,
    load: async () => {
      const { BareWait } = await bareWait();
      return () => new BareWait();
    },
  },
  {
    name: "Thread bare wait awaited",
    role: "yardstick",
    about: "no pipe, Atomics.wait in a thread, Atomics.waitAsync here",
    carriesNothing: true,
    load: async () => {
      const { AwaitedBareWait } = await bareWait();
      return () => new AwaitedBareWait();
    },
  },
  {
    name: "Thread pipe that never looks",
    role: "yardstick",
    about: "the same as Thread pipe, which sleeps at once where nothing is to be done",
    load: () => believing(1),
  },
  {
    name: "Thread pipe that may look",
    role: "yardstick",
    about: "the same as Thread pipe, which takes it for granted that it has two processors",
    load: () => believing(2),
  },
];

async function believing(processors: number): ReturnType<NonNullable<Implementation["load"]>> {
  pretend(processors);
  const { BlockingPipe } = await sharedPipe();
  return (options) => new BlockingPipe(options);
}
