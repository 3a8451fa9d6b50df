import { type Pace, rest, Traffic } from "./traffic.ts";

/** The default buffer of Node's PassThrough on either side. */
const BUFFER_BYTES = 65_536;

/** While both sides of a TransformStream are fast, the page gets no iteration of the event loop. The stream pauses for one after this time. */
const TURN_MS = 8;

/** The same bytes at the same speed through an identity TransformStream of the browser that buffers as PassThrough does. */
export class Rival {
  readonly traffic: Traffic = new Traffic();
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #pace: () => Pace;
  #bytesWritten = 0;
  #lastTurnMs = performance.now();
  #isStopped = false;

  constructor(pace: () => Pace) {
    const buffer = () => new ByteLengthQueuingStrategy({ highWaterMark: BUFFER_BYTES });
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>({}, buffer(), buffer());
    this.#writer = writable.getWriter();
    this.#reader = readable.getReader();
    this.#pace = pace;
    this.#writer.closed.catch(() => {});
    this.#reader.closed.catch(() => {});
    this.#write().catch((error: unknown) => this.#ends("writer", error));
    this.#read().catch((error: unknown) => this.#ends("reader", error));
  }

  /** Bytes that were accepted and not read. */
  get bytesHeld(): number {
    return this.#bytesWritten - this.traffic.bytesRead;
  }

  stop(): void {
    this.#isStopped = true;
    this.#writer.abort().catch(() => {});
  }

  async #write(): Promise<void> {
    const { script } = this.#pace();
    for (let chunks = 0; chunks < script.chunks; chunks++) {
      await this.#writer.ready;
      const chunk = new Uint8Array(this.#pace().chunkBytes).fill(chunks);
      this.#bytesWritten += chunk.length;
      this.traffic.chunksWritten += 1;
      this.#writer.write(chunk).catch(() => {});
      await rest(this.traffic, "writer", this.#pace().writerPauseMs);
      await this.#turn();
    }
    if (script.end === "error") void this.#writer.abort(new Error("the disk is full")).catch(() => {});
    else if (script.end === "close") void this.#writer.close().catch(() => {});
    if (script.end !== "none")
      this.traffic.endings.writer = script.end === "error" ? "failed: abort()" : "closed: close()";
  }

  async #read(): Promise<void> {
    for (let got = await this.#reader.read(); !got.done; got = await this.#reader.read()) {
      this.traffic.chunksRead += 1;
      this.traffic.bytesRead += got.value.length;
      const { script, readerPauseMs } = this.#pace();
      if (script.leaveAfterBytes !== undefined && this.traffic.bytesRead >= script.leaveAfterBytes) {
        this.traffic.endings.reader = "left: cancel()";
        await this.#reader.cancel();
      }
      await rest(this.traffic, "reader", readerPauseMs);
      await this.#turn();
    }
    this.traffic.endings.reader ??= "got the end: done";
  }

  async #turn(): Promise<void> {
    if (performance.now() - this.#lastTurnMs < TURN_MS) return;
    await new Promise((resolve) => setTimeout(resolve, 0));
    this.#lastTurnMs = performance.now();
  }

  #ends(side: "writer" | "reader", error: unknown): void {
    if (!this.#isStopped)
      this.traffic.endings[side] ??=
        side === "reader" ? `got ${String(error)}` : `was rejected with ${String(error)}`;
  }
}
