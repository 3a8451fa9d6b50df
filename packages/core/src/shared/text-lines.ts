import type { LineBuffer } from "../io/line-buffer.ts";
import type { Reader } from "../types.ts";

/** What is used of a reader that blocks. */
interface BlockingReader extends Pick<Reader, "close" | "closeWithError"> {
  readSync(into: Uint8Array): number | null;
}

/** The lines that come from a reader, which blocks where none is there. Leaving them closes it, and so does what goes wrong. */
export function* textLines(reader: BlockingReader, text: LineBuffer): Generator<string, undefined> {
  let left = true;
  try {
    for (;;) {
      const line = text.next();
      if (line !== undefined) {
        yield line;
        continue;
      }
      const count = reader.readSync(text.room());
      if (count === null) break;
      text.add(count);
    }
    const last = text.last();
    if (last !== undefined) yield last;
    left = false;
  } catch (error) {
    reader.closeWithError(error); // Nobody will read on: the writer must not wait in vain.
    throw error;
  } finally {
    if (left) reader.close();
  }
}
