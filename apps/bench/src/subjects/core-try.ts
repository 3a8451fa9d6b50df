import { pipe } from "@pipe512/core";
import type { Channel, Open, Sink } from "./channel.ts";
import type { Load } from "./load.ts";

/** Does not wait while there is room or something to read. Awaits only otherwise. */
class CoreTry implements Channel {
  readonly #pipe = pipe();
  readonly #readBytes: number;

  constructor(readBytes: number) {
    this.#readBytes = readBytes;
  }

  async send(load: Load): Promise<void> {
    const { writer } = this.#pipe;
    for (let left = load.count; left > 0; left--) {
      const chunk = load.next();
      const accepted = writer.tryWrite(chunk);
      if (accepted < chunk.length) await writer.write(accepted === 0 ? chunk : chunk.subarray(accepted));
    }
    writer.close();
  }

  async receive(sink: Sink): Promise<void> {
    const { reader } = this.#pipe;
    const into = new Uint8Array(this.#readBytes);
    for (;;) {
      let length = reader.tryRead(into);
      if (length === 0) length = await reader.read(into);
      if (length === null) return;
      sink.take(into, length);
    }
  }

  held(): number {
    return this.#pipe.writer.bytesWritten - this.#pipe.reader.bytesRead;
  }

  cancel(): void {
    this.#pipe.reader.close();
  }
}

export const open: Open = ({ readBytes }) => new CoreTry(readBytes);
