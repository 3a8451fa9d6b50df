import { ClosedPipeError, type PipeReader, pipe, type PipeWriter } from "@pipe512/core";
import { readEach } from "@pipe512/rxjs";
import { toReadableStream, toWritableStream } from "@pipe512/web";
import { lastValueFrom } from "rxjs";
import { type Pace, rest, Traffic } from "./traffic.ts";

export type WayIn = "core" | "web";
export type WayOut = "core" | "loop" | "web" | "byob" | "rxjs";

/** One real pipe with a writer and a reader, which run until the script or a stop ends them. */
export class Transport {
  readonly name: string;
  readonly traffic: Traffic = new Traffic();
  readonly #writer: PipeWriter;
  readonly #reader: PipeReader;
  readonly #pace: () => Pace;
  #isStopped = false;

  constructor(name: string, ways: { readonly in: WayIn; readonly out: WayOut }, pace: () => Pace) {
    const { reader, writer } = pipe({ name });
    this.name = name;
    this.#writer = writer;
    this.#reader = reader;
    this.#pace = pace;
    this.#write(ways.in).catch((error: unknown) => this.#ends("writer", error));
    this.#read(ways.out).catch((error: unknown) => this.#ends("reader", error));
  }

  /** Bytes that were written and not read: in the ring, or lost because an end was closed before they were read. */
  get bytesHeld(): number {
    return this.#writer.bytesWritten - this.#reader.bytesRead;
  }

  get bytesRead(): number {
    return this.#reader.bytesRead;
  }

  /** Closes both ends, which ends both loops with an error. */
  stop(): void {
    this.#isStopped = true;
    this.#reader.close();
    this.#writer.close();
  }

  async #write(way: WayIn): Promise<void> {
    const stream = way === "web" ? toWritableStream(this.#writer).getWriter() : this.#writer;
    const { script } = this.#pace();
    for (let chunks = 0; chunks < script.chunks; chunks++) {
      const chunk = new Uint8Array(this.#pace().chunkBytes).fill(chunks);
      const readBefore = this.#reader.bytesRead;
      const writing = stream.write(chunk);
      // Bytes that are read before write() has returned were copied into a waiting array. They were never in the ring.
      this.traffic.directBytes += this.#reader.bytesRead - readBefore;
      this.traffic.chunksWritten += 1;
      await writing;
      await rest(this.traffic, "writer", this.#pace().writerPauseMs);
    }
    if (script.end === "error") this.#writer.closeWithError(new Error("the disk is full"));
    else if (script.end === "close") this.#writer.close();
    if (script.end !== "none") this.traffic.endings.writer = END_OF_WRITER[script.end];
  }

  async #read(way: WayOut): Promise<void> {
    const step = async (length: number): Promise<void> => {
      this.traffic.chunksRead += 1;
      this.traffic.bytesRead += length;
      const { script, readerPauseMs } = this.#pace();
      if (script.leaveAfterBytes !== undefined && this.traffic.bytesRead >= script.leaveAfterBytes) {
        this.traffic.endings.reader = "left: close()";
        this.#reader.close();
      }
      await rest(this.traffic, "reader", readerPauseMs);
    };
    switch (way) {
      case "rxjs":
        await lastValueFrom(
          readEach(this.#reader, (chunk) => step(chunk.length)),
          { defaultValue: undefined },
        );
        break;
      case "loop":
        for await (const chunk of this.#reader) await step(chunk.length);
        break;
      case "web": {
        const stream = toReadableStream(this.#reader, { byob: false }).getReader();
        for (let got = await stream.read(); !got.done; got = await stream.read())
          await step(got.value.length);
        break;
      }
      case "byob": {
        const stream = toReadableStream(this.#reader).getReader({ mode: "byob" });
        const view = () => new Uint8Array(this.#pace().readBytes);
        for (let got = await stream.read(view()); !got.done; got = await stream.read(view()))
          await step(got.value.length);
        break;
      }
      case "core": {
        const into = new Uint8Array(65_536);
        const read = () => this.#reader.read(into.subarray(0, this.#pace().readBytes));
        for (;;) {
          const inRing = this.bytesHeld;
          const length = await read();
          if (length === null) break;
          // The bytes of a read beyond those of the ring came from the array of a waiting write.
          if (inRing > 0) this.traffic.directBytes += Math.max(0, length - inRing);
          await step(length);
        }
      }
    }
    this.traffic.endings.reader ??= "got the end: null";
  }

  #ends(side: "writer" | "reader", error: unknown): void {
    if (this.#isStopped) return;
    const words = error instanceof ClosedPipeError ? `${error.name}: ${error.message}` : String(error);
    this.traffic.endings[side] ??= side === "reader" ? `got ${words}` : `was rejected with ${words}`;
  }
}

const END_OF_WRITER = { close: "closed: close()", error: "failed: closeWithError()" } as const;
