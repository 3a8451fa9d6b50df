import * as core from "@pipe512/core";
import { sequence } from "@pipe512/testing/bytes";
import { rejection } from "@pipe512/testing/promises";
import { expect, test, vi } from "vitest";

/** A second copy of core, as it is loaded when two versions are installed. */
async function anotherCopy(): Promise<typeof core> {
  vi.resetModules();
  const copy = await import("@pipe512/core");
  expect(copy.ClosedPipeError).not.toBe(core.ClosedPipeError);
  return copy;
}

// Red when: the errors have no code.
test("ClosedPipeError of another copy of core has the same code, where instanceof is false [PIPE-028]", async () => {
  const copy = await anotherCopy();
  const { reader, writer } = copy.pipe();
  reader.close();
  const error = await rejection(writer.write(sequence(1)));
  expect(error).not.toBeInstanceOf(core.ClosedPipeError);
  expect(error).toMatchObject({
    code: "ERR_CLOSED_PIPE",
    name: "ClosedPipeError",
    side: "reader",
    bytesWritten: 0,
  });
});

// Red when: the writer's error is wrapped.
test("PipeWriter.closeWithError() and PipeReader.closeWithError() carry an error of another copy of core as the same object [PIPE-022] [PIPE-024]", async () => {
  const copy = await anotherCopy();
  const [first, second] = [copy.pipe(), core.pipe()];
  first.reader.close();
  const error = await rejection(first.writer.write(sequence(1)));
  second.writer.closeWithError(error);
  expect(await rejection(second.reader.read(new Uint8Array(1)))).toBe(error);
  const third = core.pipe();
  third.reader.closeWithError(error);
  expect(await rejection(third.writer.write(sequence(1)))).toBe(error);
});

// Red when: a transferred array is copied like any other.
test("PipeReader.chunks() of one copy of core feeds a writer of another [PIPE-001]", async () => {
  const copy = await anotherCopy();
  const [first, second] = [copy.pipe(), core.pipe()];
  const bytes = sequence(1033);
  void first.writer.write(bytes, { transfer: true }).then(() => first.writer.close());
  for await (const chunk of first.reader) void second.writer.write(chunk, { transfer: true });
  expect(await second.reader.readChunk()).toBe(bytes);
});
