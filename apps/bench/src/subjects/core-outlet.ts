import type { PipeReader } from "@pipe512/core";
import type { Sink } from "./channel.ts";
import type { Outlet } from "./joined.ts";

/** A reader of pipe512 with one array. It awaits only if there is nothing to read. */
export class CoreOutlet implements Outlet {
  readonly #reader: PipeReader;
  readonly #into: Uint8Array;

  constructor(reader: PipeReader, readBytes: number) {
    this.#reader = reader;
    this.#into = new Uint8Array(readBytes);
  }

  get bytes(): number {
    return this.#reader.bytesRead;
  }

  async receive(sink: Sink): Promise<void> {
    const reader = this.#reader;
    const into = this.#into;
    for (;;) {
      let length = reader.tryRead(into);
      if (length === 0) length = await reader.read(into);
      if (length === null) return;
      sink.take(into, length);
    }
  }

  read(): Promise<number | null> {
    return this.#reader.read(this.#into);
  }

  cancel(): void {
    this.#reader.close();
  }
}
