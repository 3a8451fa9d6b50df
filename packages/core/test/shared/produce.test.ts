import { readText, writeText } from "@pipe512/core";
import { attachReader, attachWriter, consume, produce, sharedPipe } from "@pipe512/core/shared";
import { sequence } from "@pipe512/testing/bytes";
import { rejection } from "@pipe512/testing/promises";
import { unhandled } from "@pipe512/testing/unhandled";
import { describe, expect, test } from "vitest";

describe("produce() and consume()", () => {
  // Red when: the end is not closed after the function; or the result of the function is lost.
  test("attach an end, run a function with it, and close it [IO-010]", async () => {
    const { readerHandle, writerHandle } = sharedPipe();
    const produced = produce(writerHandle, async (writer) => {
      await writeText(writer, "x".repeat(1033));
      return 7;
    });
    expect(await consume(readerHandle, (reader) => readText(reader))).toBe("x".repeat(1033));
    expect(await produced).toBe(7);
  });

  // Red when: the first thread that has finished closes a side of "many".
  test('detach on a side of "many", so that the others go on [IO-010]', async () => {
    const { readerHandle, writerHandle } = sharedPipe({ writers: "many", readers: "many" });
    const workers = [1, 2, 3, 4].map((n) => produce(writerHandle, (writer) => writeText(writer, `${n}\n`)));
    void Promise.all(workers).then(() => attachWriter(writerHandle).close());
    await consume(readerHandle, (reader) => reader.read(new Uint8Array(2)));
    const rest = await readText(attachReader(readerHandle));
    expect(rest).toHaveLength(6);
  });

  // Red when: the error does not reach the other side; its promise resolves; or the error counts as unhandled although it was delivered.
  test("fail the pipe with the error that was thrown, which is then handled [IO-010]", async () => {
    const reasons = await unhandled(async () => {
      const one = sharedPipe();
      const produced = produce(one.writerHandle, () => {
        throw new RangeError("no more");
      });
      const reader = attachReader(one.readerHandle);
      expect(await rejection(reader.read(new Uint8Array(1)))).toMatchObject({
        name: "RangeError",
        message: "no more",
      });
      expect(await rejection(produced)).toMatchObject({ message: "no more" });
      const two = sharedPipe();
      void consume(two.readerHandle, async () => {
        throw new Error("enough");
      });
      expect(await rejection(attachWriter(two.writerHandle).write(sequence(1033)))).toMatchObject({
        message: "enough",
      });
    });
    expect(reasons).toEqual([]);
  });

  // Red when: a rejection is marked as handled although the other side cannot have received it.
  test("leave an error unhandled that no operation received [IO-010]", async () => {
    const reasons = await unhandled(() => {
      const { readerHandle, writerHandle } = sharedPipe();
      attachReader(readerHandle).close();
      void produce(writerHandle, () => {
        throw new Error("unheard");
      });
    });
    expect(reasons).toMatchObject([{ message: "unheard" }]);
  });

  // Red when: the signal does not abort, or aborts at a clean end.
  test("give a signal that aborts when the other side has failed [IO-010]", async () => {
    const { readerHandle, writerHandle } = sharedPipe();
    const reader = attachReader(readerHandle);
    const produced = produce(
      writerHandle,
      (_writer, { signal }) =>
        new Promise((resolve) => {
          signal.addEventListener("abort", () => resolve(signal.reason));
        }),
    );
    reader.closeWithError(new Error("gone"));
    expect(await produced).toMatchObject({ message: "gone" });
    expect(await rejection(produce(writerHandle, "text" as never))).toMatchObject({
      message: 'fn must be a function; got the string "text"',
    });
  });
});
