import type { Reader } from "@pipe512/core";

/** A reader with only the required members. It reads from `give`, as much as fits, and records how it is closed. */
export class BareReader implements Reader {
  readonly closings: unknown[] = [];
  readonly #give: () => Uint8Array | null | Promise<Uint8Array | null>;

  constructor(give: () => Uint8Array | null | Promise<Uint8Array | null>) {
    this.#give = give;
  }

  async read(into: Uint8Array): Promise<number | null> {
    const bytes = await this.#give();
    if (bytes === null) return null;
    const part = bytes.subarray(0, into.length);
    into.set(part);
    return part.length;
  }

  close(): void {
    this.closings.push("closed");
  }

  closeWithError(error: unknown): void {
    this.closings.push(error);
  }
}

/** `reader` with only the required members. */
export function bare(reader: Reader): Reader {
  return {
    read: (into) => reader.read(into),
    close: () => reader.close(),
    closeWithError: (error) => reader.closeWithError(error),
  };
}

/** `reader` with only the required members and `readChunk`; not iterable. */
export function chunked(reader: Reader): Reader {
  return { ...bare(reader), readChunk: async () => (await reader.readChunk?.()) ?? null };
}
