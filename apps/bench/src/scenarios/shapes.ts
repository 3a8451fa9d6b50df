import type { Parameters } from "./scenario.ts";

/** The scenarios that a comparison can run. */
export type ShapeName = keyof typeof shapes;

/** How a comparison uses a scenario. */
interface Shape {
  /** Its title, in one line. */
  readonly title: string;
  /** Skipped unless it is requested, because it takes long. */
  readonly onRequest?: true;
  /** The unit, for a scenario that measures a cost in rounds. The others run once. */
  readonly cost?: { readonly parameters: Parameters; readonly unit: string };
}

/** Every load shape of a comparison, in the order in which they are run. */
export const shapes = {
  file: { title: "A real file with SHA-256" },
  transfer: { title: "Fast to fast" },
  "ping-pong": {
    title: "Ping-pong of 64 B over two pipes",
    cost: { parameters: { chunkBytes: 64 }, unit: "ns/round trip" },
  },
  "first-byte": {
    title: "From nothing to the first byte",
    cost: { parameters: {}, unit: "ns/first byte" },
  },
  "slow-writer": {
    title: "A slow writer: from a write of 64 B to its reader",
    cost: { parameters: { chunkBytes: 64 }, unit: "ns/arrival" },
  },
  "slow-reader": {
    title: "A slow reader: a turn of the event loop after each read, chunks of 4 KiB",
    cost: { parameters: { chunkBytes: 4096 }, unit: "ns/chunk" },
  },
  "create-and-close": {
    title: "Made, used for 5 bytes, closed: 100,000 pipes",
    onRequest: true,
    cost: { parameters: {}, unit: "ns/pipe" },
  },
  "many-pipes": {
    title: "10,000 pipes at once, 64 KiB each in chunks of 64 B",
    onRequest: true,
    cost: { parameters: { chunkBytes: 64, pipesAtOnce: 10_000 }, unit: "ns/byte" },
  },
  echo: {
    title: "A byte to another thread and back",
    onRequest: true,
    cost: { parameters: {}, unit: "ns/round trip" },
  },
  stall: { title: "Memory while the reader stalls for ever" },
  timer: { title: "Fairness: does a timer fire" },
  cancel: { title: "The reader leaves in the middle" },
} as const satisfies Record<string, Shape>;

export const shapeNames = Object.keys(shapes) as ShapeName[];

/** The scenarios that run by default. */
export const usualShapes: readonly ShapeName[] = shapeNames.filter((name) => !("onRequest" in shapes[name]));
