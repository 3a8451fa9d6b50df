import { pipe } from "@pipe512/core";
import type { Channel, Open, Sink } from "./channel.ts";
import type { Load } from "./load.ts";

/** The usual style: every write and every read is awaited. */
class CoreAwait implements Channel {
  readonly #pipe = pipe();
  readonly #readBytes: number;
  // The first read() makes it, so that a channel that is only counted holds no array.
  #into: Uint8Array | undefined;

  constructor(readBytes: number) {
    this.#readBytes = readBytes;
  }

  async send(load: Load): Promise<void> {
    const { writer } = this.#pipe;
    for (let left = load.count; left > 0; left--) await writer.write(load.next());
    writer.close();
  }

  async receive(sink: Sink): Promise<void> {
    const { reader } = this.#pipe;
    const into = new Uint8Array(this.#readBytes);
    for (;;) {
      const length = await reader.read(into);
      if (length === null) return;
      sink.take(into, length);
    }
  }

  held(): number {
    return this.#pipe.writer.bytesWritten - this.#pipe.reader.bytesRead;
  }

  write(bytes: Uint8Array): Promise<number> {
    return this.#pipe.writer.write(bytes);
  }

  read(): Promise<number | null> {
    this.#into ??= new Uint8Array(this.#readBytes);
    return this.#pipe.reader.read(this.#into);
  }

  end(): void {
    this.#pipe.writer.close();
  }

  cancel(): void {
    this.#pipe.reader.close();
  }
}

export const open: Open = ({ readBytes }) => new CoreAwait(readBytes);
