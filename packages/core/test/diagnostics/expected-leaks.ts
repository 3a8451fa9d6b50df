const never = "was garbage-collected and never closed";
const open = { reader: "open", writer: "open", made: true };

/** The expected reports of the ends that ../support/lost-ends.ts loses. */
export const expectedLeaks: readonly unknown[] = [
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
];
