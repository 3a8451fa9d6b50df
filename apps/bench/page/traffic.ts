/** The script of a demonstration, without its speed. */
export interface Script {
  /** How many chunks are written; infinite if it does not end. */
  readonly chunks: number;
  /** The action of the writer after the last chunk. */
  readonly end: "none" | "close" | "error";
  /** The reader leaves after this many bytes. */
  readonly leaveAfterBytes?: number;
}

/** The values of the sliders, read again before each chunk. Times are in milliseconds. */
export interface Pace {
  readonly chunkBytes: number;
  readonly readBytes: number;
  readonly writerPauseMs: number;
  readonly readerPauseMs: number;
  readonly script: Script;
}

/** The totals of the traffic. The loops count them, and each frame reads them. */
export class Traffic {
  chunksWritten = 0;
  chunksRead = 0;
  bytesRead = 0;
  /** Bytes that went from the writer's array into the reader's without passing through the ring. */
  directBytes = 0;
  /** Whether a side is busy with something else: it neither uses the pipe nor waits for it. */
  readonly pausing = { writer: false, reader: false };
  /** How a side ended, in words, once it has. */
  readonly endings: { writer?: string; reader?: string } = {};

  get hasEnded(): boolean {
    return this.endings.writer !== undefined && this.endings.reader !== undefined;
  }
}

/** Makes a side of some traffic do other work. */
export async function rest(traffic: Traffic, side: "writer" | "reader", milliseconds: number): Promise<void> {
  if (milliseconds === 0) return;
  traffic.pausing[side] = true;
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
  traffic.pausing[side] = false;
}
