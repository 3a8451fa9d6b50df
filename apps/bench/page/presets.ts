import type { Script } from "./traffic.ts";

/** A demonstration: the sliders, and what happens. */
export interface Preset {
  readonly label: string;
  /** The description, in a sentence. */
  readonly about: string;
  /** The steps of the sliders: powers of two. */
  readonly chunkStep: number;
  readonly writerPauseStep: number;
  readonly readerPauseStep: number;
  /** Whether the reader takes less at a time than the writer writes at a time. */
  readonly readBytes?: number;
  readonly script: Script;
}

const FOR_EVER: Script = { chunks: Number.POSITIVE_INFINITY, end: "none" };

export const presets: Readonly<Record<string, Preset>> = {
  "slow-reader": {
    label: "Slow reader",
    about: "The ring fills, and then the writer waits. The stream beside it continues to accept chunks.",
    chunkStep: 7,
    writerPauseStep: 4,
    readerPauseStep: 8,
    script: FOR_EVER,
  },
  "slow-writer": {
    label: "Slow writer",
    about: "The reader waits with its array, so every chunk goes straight into it.",
    chunkStep: 7,
    writerPauseStep: 10,
    readerPauseStep: 0,
    script: FOR_EVER,
  },
  "both-fast": {
    label: "Both fast",
    about:
      "Neither side has to wait for long. Bytes that do not fit into the ring go from array to array, so the ring always appears empty: 0 of 512.",
    chunkStep: 12,
    writerPauseStep: 0,
    readerPauseStep: 0,
    readBytes: 65_536,
    script: FOR_EVER,
  },
  "one-large-write": {
    label: "One large write",
    about: "16 KiB in one call: 512 bytes are in the ring at most, and the call ends when all are accepted.",
    chunkStep: 14,
    writerPauseStep: 0,
    readerPauseStep: 7,
    readBytes: 256,
    script: { chunks: 1, end: "none" },
  },
  close: {
    label: "Close",
    about: "The writer closes after 12 chunks. The reader gets every byte first, and then the end.",
    chunkStep: 7,
    writerPauseStep: 6,
    readerPauseStep: 9,
    script: { chunks: 12, end: "close" },
  },
  error: {
    label: "Error",
    about:
      "The writer fails after 12 chunks. The reader gets every accepted byte first, and then that error.",
    chunkStep: 7,
    writerPauseStep: 6,
    readerPauseStep: 9,
    script: { chunks: 12, end: "error" },
  },
  cancel: {
    label: "Cancel",
    about: "The reader leaves in the middle. The writer's next or pending write() rejects.",
    chunkStep: 7,
    writerPauseStep: 5,
    readerPauseStep: 9,
    script: { ...FOR_EVER, leaveAfterBytes: 1024 },
  },
};
