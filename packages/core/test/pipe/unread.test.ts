import { pipe } from "@pipe512/core";
import { expectSequence, expectWhole, sequence } from "@pipe512/testing/bytes";
import { rejection, watch } from "@pipe512/testing/promises";
import { settle } from "@pipe512/testing/turns";
import { describe, expect, test } from "vitest";
import { drain } from "../support/drain.ts";

describe("PipeReader.unread()", () => {
  // Red when: the bytes come behind others, or only in part; or the ring does not work as before after them.
  test.for([0, 1, 63, 64, 65, 511, 512, 513, 1033, 70_000])(
    "unread() of %i bytes puts a copy of them in front [IO-007]",
    async (length) => {
      const { reader, writer } = pipe();
      const writing = writer.write(sequence(2000, length)).then(() => writer.close());
      const bytes = sequence(length);
      reader.unread(bytes);
      bytes.fill(0);
      expectWhole(await drain(reader), length + 2000);
      await writing;
    },
  );

  // Red when: the bytes that are put back free room for a write, or count as read.
  test("unread() gives no writer more room, and counts as not read [IO-007]", async () => {
    const { reader, writer } = pipe();
    await writer.write(sequence(512));
    const into = new Uint8Array(512);
    await reader.read(into);
    reader.unread(into);
    expect(reader.bytesRead).toBe(0);
    expect(writer.tryWrite(sequence(1))).toBe(0);
    const flushing = watch(writer.flush());
    await settle();
    expect(flushing.state).toBe("pending");
    expectSequence(into.subarray(0, (await reader.read(into)) ?? 0));
    await settle();
    expect(flushing.state).toBe("fulfilled");
  });

  // Red when: a pending read is not woken.
  test("unread() wakes a read that waits, and works behind the end and an error [IO-007]", async () => {
    const { reader, writer } = pipe();
    const into = new Uint8Array(9);
    const reading = watch(reader.read(into));
    await settle();
    reader.unread(sequence(5));
    await settle();
    expect(reading.value).toBe(5);
    const error = new Error("disk");
    writer.closeWithError(error);
    expect(await rejection(reader.read(into))).toBe(error);
    reader.unread(sequence(5));
    expect(await reader.read(into)).toBe(5);
    expect(await rejection(reader.read(into))).toBe(error);
  });

  // Red when: the view that the consumer holds changes its position, or is lent again.
  test("unread() while a view is lent puts the bytes behind it [IO-007] [PIPE-013]", async () => {
    const { reader, writer } = pipe();
    await writer.write(sequence(100));
    const views = reader.views({ preventClose: true });
    const { value } = await views.next();
    reader.unread(sequence(50, 100));
    await writer.write(sequence(100, 150));
    writer.close();
    expectWhole(value as Uint8Array, 100);
    await views.return?.();
    expectWhole(await drain(reader), 150, 100);
  });

  // Red when: a closed end accepts bytes; or unread() accepts a value that is not a Uint8Array.
  test("unread() does nothing once the end is closed, and throws for a value that is not a Uint8Array [IO-007]", async () => {
    const { reader } = pipe();
    expect(() => reader.unread("a" as unknown as Uint8Array)).toThrow(
      "Cannot unread a string: pass a Uint8Array",
    );
    reader.close();
    reader.unread(sequence(5));
    expect(await rejection(reader.read(new Uint8Array(9)))).toMatchObject({ code: "ERR_CLOSED_PIPE" });
  });
});
