import { type PipeReader, pipe, type PipeWriter } from "@pipe512/core";
import { readEach } from "@pipe512/rxjs";
import { toReadableStream } from "@pipe512/web";
import { lastValueFrom } from "rxjs";

export type Adapter = "core" | "web" | "rxjs";

/** What the sliders say, asked for anew before each chunk. Times are in milliseconds. */
export interface Pace {
  readonly chunkBytes: number;
  readonly writerPauseMs: number;
  readonly readerPauseMs: number;
}

/** One pipe with a writer and a reader that go on until it is stopped. */
export class Transport {
  readonly name: string;
  readonly #writer: PipeWriter;
  readonly #reader: PipeReader;
  readonly #pace: () => Pace;

  constructor(name: string, adapter: Adapter, pace: () => Pace) {
    const { reader, writer } = pipe({ name });
    this.name = name;
    this.#writer = writer;
    this.#reader = reader;
    this.#pace = pace;
    // A stop closes both ends, which ends both loops with an error: that is how they are meant to end.
    this.#write().catch(() => {});
    this.#read(adapter).catch(() => {});
  }

  stop(): void {
    this.#reader.close();
    this.#writer.close();
  }

  async #write(): Promise<void> {
    for (let count = 0; ; count++) {
      const { chunkBytes, writerPauseMs } = this.#pace();
      await this.#writer.write(new Uint8Array(chunkBytes).fill(count));
      if (writerPauseMs > 0) await pause(writerPauseMs);
    }
  }

  async #read(adapter: Adapter): Promise<void> {
    const rest = (): Promise<void> | undefined => {
      const { readerPauseMs } = this.#pace();
      return readerPauseMs > 0 ? pause(readerPauseMs) : undefined;
    };
    if (adapter === "rxjs") {
      await lastValueFrom(readEach(this.#reader, async () => rest()));
    } else if (adapter === "web") {
      const stream = toReadableStream(this.#reader, { byob: false }).getReader();
      while (!(await stream.read()).done) await rest();
    } else {
      const into = new Uint8Array(65_536);
      while ((await this.#reader.read(into.subarray(0, this.#pace().chunkBytes))) !== null) await rest();
    }
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
