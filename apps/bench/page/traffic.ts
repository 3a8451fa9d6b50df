/** What a demonstration does, apart from its pace. */
export interface Script {
  /** How many chunks are written; infinite where it goes on. */
  readonly chunks: number;
  /** What the writer does then. */
  readonly end: "none" | "close" | "error";
  /** The reader leaves after so many bytes. */
  readonly leaveAfterBytes?: number;
}

/** What the sliders say, read anew before each chunk. Times are in milliseconds. */
export interface Pace {
  readonly chunkBytes: number;
  readonly readBytes: number;
  readonly writerPauseMs: number;
  readonly readerPauseMs: number;
  readonly script: Script;
}

/** What passed so far, as its loops have seen it. Everything is counted there and read at each frame. */
export class Traffic {
  chunksWritten = 0;
  chunksRead = 0;
  bytesRead = 0;
  /** Bytes that went from the writer's array into the reader's without having been in the ring. */
  directBytes = 0;
  /** Whether a side is busy with something else: it neither uses the pipe nor waits for it. */
  readonly pausing = { writer: false, reader: false };
  /** How a side ended, in words, once it has. */
  readonly endings: { writer?: string; reader?: string } = {};

  get hasEnded(): boolean {
    return this.endings.writer !== undefined && this.endings.reader !== undefined;
  }
}

/** Lets a side of some traffic be busy with something else. */
export async function rest(traffic: Traffic, side: "writer" | "reader", milliseconds: number): Promise<void> {
  if (milliseconds === 0) return;
  traffic.pausing[side] = true;
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
  traffic.pausing[side] = false;
}
