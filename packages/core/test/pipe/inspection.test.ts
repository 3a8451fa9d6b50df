import { pipe } from "@pipe512/core";
import { expect, test } from "vitest";

/** The text that a console prints: via the method that Node, Deno and Bun call, and via the tag that browsers use. */
function printed(end: object): string {
  const inspect = Reflect.get(end, Symbol.for("nodejs.util.inspect.custom")) as () => string;
  const text = inspect.call(end);
  expect(Object.prototype.toString.call(end)).toBe(`[object ${text}]`);
  return text;
}

// Red when: the bytes of a pending write are not counted; the name is missing; or the state is that of the other end.
test("PipeReader and PipeWriter show the pipe's name, the bytes buffered and the state in a console", () => {
  const { reader, writer } = pipe({ name: "upload" });
  expect(printed(reader)).toBe('PipeReader "upload": 0 bytes waiting, open');
  void writer.write(new Uint8Array(700)).catch(() => {});
  expect(printed(writer)).toBe('PipeWriter "upload": 700 bytes waiting, open');
  writer.close();
  expect(printed(reader)).toBe('PipeReader "upload": 700 bytes waiting, writer closed');
  reader.closeWithError(new Error("enough"));
  expect(printed(reader)).toBe('PipeReader "upload": 0 bytes waiting, reader failed');
  expect(printed(writer)).toBe('PipeWriter "upload": 0 bytes waiting, writer closed');
  expect(printed(pipe().reader)).toBe("PipeReader: 0 bytes waiting, open");
});
