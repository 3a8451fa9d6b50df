import { type PipeReader, pipe, type PipeWriter } from "@pipe512/core";
import { readEach } from "@pipe512/rxjs";
import { toReadableStream, toWritableStream } from "@pipe512/web";
import { lastValueFrom } from "rxjs";

export type WayIn = "core" | "web";
export type WayOut = "core" | "loop" | "web" | "byob" | "rxjs";

/** What the sliders say, asked for anew before each chunk. Times are in milliseconds. */
export interface Pace {
  readonly chunkBytes: number;
  readonly writerPauseMs: number;
  readonly readerPauseMs: number;
}

/** One pipe with a writer and a reader that go on until it is stopped. */
export class Transport {
  readonly name: string;
  /** Whether a side is busy with something else: it neither uses the pipe nor waits for it. */
  readonly pausing = { writer: false, reader: false };
  readonly #writer: PipeWriter;
  readonly #reader: PipeReader;
  readonly #pace: () => Pace;

  constructor(name: string, ways: { readonly in: WayIn; readonly out: WayOut }, pace: () => Pace) {
    const { reader, writer } = pipe({ name });
    this.name = name;
    this.#writer = writer;
    this.#reader = reader;
    this.#pace = pace;
    // A stop closes both ends, which ends both loops with an error: that is how they are meant to end.
    this.#write(ways.in).catch(() => {});
    this.#read(ways.out).catch(() => {});
  }

  stop(): void {
    this.#reader.close();
    this.#writer.close();
  }

  async #write(way: WayIn): Promise<void> {
    const stream = way === "web" ? toWritableStream(this.#writer).getWriter() : this.#writer;
    for (let count = 0; ; count++) {
      await stream.write(new Uint8Array(this.#pace().chunkBytes).fill(count));
      await this.#pause("writer", this.#pace().writerPauseMs);
    }
  }

  async #read(way: WayOut): Promise<void> {
    const rest = () => this.#pause("reader", this.#pace().readerPauseMs);
    switch (way) {
      case "rxjs":
        await lastValueFrom(readEach(this.#reader, rest));
        return;
      case "loop":
        for await (const _ of this.#reader) await rest();
        return;
      case "web": {
        const stream = toReadableStream(this.#reader, { byob: false }).getReader();
        while (!(await stream.read()).done) await rest();
        return;
      }
      case "byob": {
        const stream = toReadableStream(this.#reader).getReader({ mode: "byob" });
        while (!(await stream.read(new Uint8Array(this.#pace().chunkBytes))).done) await rest();
        return;
      }
      case "core": {
        const into = new Uint8Array(65_536);
        while ((await this.#reader.read(into.subarray(0, this.#pace().chunkBytes))) !== null) await rest();
      }
    }
  }

  async #pause(side: "writer" | "reader", milliseconds: number): Promise<void> {
    if (milliseconds === 0) return;
    this.pausing[side] = true;
    await new Promise((resolve) => setTimeout(resolve, milliseconds));
    this.pausing[side] = false;
  }
}
