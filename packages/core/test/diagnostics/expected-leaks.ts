const lost = "was garbage-collected without close()";
const open = { reader: "open", writer: "open", made: true };

/** The expected reports of the ends that ../support/lost-ends.ts loses. */
export const expectedLeaks: readonly unknown[] = [
  {
    ...open,
    name: "a write waits",
    ends: ["reader"],
    explanation: `the reader ${lost} while a write waited for it; the write rejected with an AbandonedPipeError`,
    waiting: 1,
  },
  {
    ...open,
    name: "a read waits",
    ends: ["writer"],
    explanation: `the writer ${lost} while a read waited for it; the read rejected with an AbandonedPipeError`,
    waiting: 1,
  },
  {
    ...open,
    name: "nobody waits for the writer",
    ends: ["writer"],
    explanation: `the writer ${lost}: after 0 bytes reads reject with an AbandonedPipeError instead of the end`,
    waiting: 0,
  },
  {
    ...open,
    name: "nobody waits for the reader",
    ends: ["reader"],
    explanation: `the reader ${lost}: writes reject with an AbandonedPipeError`,
    waiting: 0,
  },
  {
    ...open,
    name: "both",
    ends: ["reader", "writer"],
    explanation: "both ends were garbage-collected without close()",
    waiting: 0,
  },
  {
    ...open,
    name: "unread",
    ends: ["reader"],
    explanation: `the reader ${lost}; 12 bytes were lost with it`,
    writer: "closed",
    waiting: 0,
  },
  ["ERR_ABANDONED_PIPE reader", "ERR_ABANDONED_PIPE writer"],
  2,
];
