import { pipe } from "@pipe512/core";
import { describe, expect, test } from "vitest";

/** As the console of Node, Deno and Bun calls an end, with a small `inspect` of its own. */
function inspected(end: object, depth = 2): string {
  const inspect = Reflect.get(end, Symbol.for("nodejs.util.inspect.custom")) as (
    ...args: unknown[]
  ) => string;
  return inspect.call(end, depth, {}, (value: unknown) => JSON.stringify(value));
}

describe("an end in a console", () => {
  // Red when: the bytes of a write that waits do not count; the name is left out; the state is that of the other pipe's end.
  test("PipeReader and PipeWriter show the pipe's name, the bytes that wait and the state", () => {
    const { reader, writer } = pipe({ name: "upload" });
    expect(inspected(reader)).toBe('PipeReader {"name":"upload","bytesWaiting":0,"state":"open"}');
    void writer.write(new Uint8Array(700)).catch(() => {});
    expect(inspected(writer)).toBe('PipeWriter {"name":"upload","bytesWaiting":700,"state":"open"}');
    expect(Object.prototype.toString.call(reader)).toBe(
      '[object PipeReader "upload": 700 bytes waiting, open]',
    );
    writer.close();
    expect(inspected(reader)).toBe('PipeReader {"name":"upload","bytesWaiting":700,"state":"writer closed"}');
    reader.closeWithError(new Error("enough"));
    expect(inspected(reader)).toBe('PipeReader {"name":"upload","bytesWaiting":0,"state":"reader failed"}');
    expect(inspected(writer)).toBe('PipeWriter {"name":"upload","bytesWaiting":0,"state":"writer closed"}');
  });

  // Red when: an end deep inside of another object is shown whole.
  test("PipeReader and PipeWriter without a name, and deep inside", () => {
    const { reader, writer } = pipe();
    expect(Object.prototype.toString.call(writer)).toBe("[object PipeWriter: 0 bytes waiting, open]");
    expect(inspected(reader, -1)).toBe("[PipeReader]");
  });
});
