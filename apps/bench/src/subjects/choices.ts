/** One implementation of pipe512 and its alternatives. Of each list, the first measured one counts. The fastest is first. */
export interface Choice {
  readonly ours: string;
  /** The nearest to the same promise. */
  readonly same: readonly string[];
  /** The streams that people use today. */
  readonly today: readonly string[];
}

const GO = "Go io.Pipe";

/** The important pairs, in the order of tables. Rounds are added until their ratios are clear. */
export const choices: readonly Choice[] = [
  {
    ours: "core await",
    same: [GO, "copying Transform", "copying TransformStream"],
    today: ["PassThrough", "TransformStream"],
  },
  {
    ours: "core try…",
    same: [GO, "copying Transform", "copying TransformStream"],
    today: ["PassThrough", "TransformStream"],
  },
  {
    ours: "core for await",
    same: [GO, "copying Transform", "copying TransformStream"],
    today: ["it-queueless-pushable", "PassThrough", "TransformStream"],
  },
  {
    ours: "core views",
    same: [GO, "copying Transform", "copying TransformStream"],
    today: ["PassThrough", "TransformStream"],
  },
  { ours: "pipeDuplex", same: ["copying Transform"], today: ["PassThrough"] },
  { ours: "toReadable", same: ["copying Transform"], today: ["PassThrough"] },
  { ours: "toWritable", same: ["copying Transform"], today: ["PassThrough"] },
  { ours: "Web pipeStream", same: ["copying TransformStream"], today: ["TransformStream"] },
  { ours: "Web toReadableStream", same: ["copying TransformStream"], today: ["TransformStream"] },
  { ours: "Web BYOB", same: ["byte stream"], today: ["TransformStream"] },
  { ours: "readEach", same: [], today: ["RxJS from"] },
  { ours: "throughPipe", same: [], today: ["RxJS Subject"] },
  { ours: "Thread pipe awaited", same: [], today: ["Thread postMessage"] },
  { ours: "Thread pipe", same: ["Thread ringbuf.js"], today: ["Thread FIFO", "Thread postMessage"] },
];

/** The six that most people choose between: the first picture of a report. */
export const story: readonly string[] = [
  "core await",
  "core for await",
  "pipeDuplex",
  "copying Transform",
  "PassThrough",
  "TransformStream",
];

/** The implementation of pipe512 that transfers ownership of its arrays. */
export function transferring(name: string): string {
  return `${name}, transferred`;
}
