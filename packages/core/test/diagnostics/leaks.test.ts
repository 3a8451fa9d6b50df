import { expect, test } from "vitest";
import { run } from "../support/child.ts";

const never = "was garbage-collected and never closed";

// Red when: a loss is reported after its pipe is over, twice, without the waiting operation, or not at all.
test("watch({ onLeak }) reports each way to lose an end, once a pipe, at once where somebody waits [PIPE-029]", async () => {
  const { code, lines, stderr } = await run("lost-ends.ts");
  expect(stderr).toBe("");
  expect(code).toBe(0);
  const open = { reader: "open", writer: "open", made: true };
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
    {
      ...open,
      name: "a write waits",
      ends: ["reader"],
      explanation: `the reader ${never} while a write waited for it; the write got an AbandonedPipeError`,
      waiting: 1,
    },
    {
      ...open,
      name: "a read waits",
      ends: ["writer"],
      explanation: `the writer ${never} while a read waited for it; the read got an AbandonedPipeError`,
      waiting: 1,
    },
    {
      ...open,
      name: "nobody waits for the writer",
      ends: ["writer"],
      explanation: `the writer ${never}: after 0 bytes the reader gets an AbandonedPipeError and no end`,
      waiting: 0,
    },
    {
      ...open,
      name: "nobody waits for the reader",
      ends: ["reader"],
      explanation: `the reader ${never}: writes get an AbandonedPipeError`,
      waiting: 0,
    },
    {
      ...open,
      name: "both",
      ends: ["reader", "writer"],
      explanation: "both ends were garbage-collected, and neither was closed",
      waiting: 0,
    },
    {
      ...open,
      name: "unread",
      ends: ["reader"],
      explanation: `the reader ${never}; 12 bytes were lost with it`,
      writer: "closed",
      waiting: 0,
    },
    ["ERR_ABANDONED_PIPE reader", "ERR_ABANDONED_PIPE writer"],
    2,
  ]);
});

// Red when: a proper end is taken for a leak, or the watch keeps what is over.
test("watch() reports nothing of 10,000 pipes that are used and closed, and keeps nothing of them", async () => {
  const { lines, stderr } = await run("watched-memory.ts");
  expect(stderr).toBe("");
  const { bytes, ...rest } = JSON.parse(lines[0] ?? "null") as { bytes: number };
  expect(rest).toEqual({ reports: [], opened: 11_000, closed: 11_000, live: 0 });
  // A pipe that is watched takes about a kilobyte: all of them would be ten megabytes.
  expect(bytes).toBeLessThan(1_000_000);
});
