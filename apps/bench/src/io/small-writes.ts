import { createWriteStream } from "node:fs";
import { bufferedWriter, discard, pipe, type Writer } from "@pipe512/core";
import { fromWritable } from "@pipe512/node";
import type { Contest } from "./contest.ts";

const RECORD = new Uint8Array(16).fill(97);
const RECORDS = 500_000;

async function writeRecords(writer: Writer): Promise<number> {
  for (let units = 0; units < RECORDS; units++) await writer.write(RECORD);
  await writer.finish?.();
  writer.close();
  return RECORDS;
}

/** A pipe whose reader reads and drops all bytes. */
function drained(): { writer: Writer; done: Promise<number> } {
  const { reader, writer } = pipe();
  return { writer, done: discard(reader) };
}

/** Many small writes, with and without a buffer. */
export const smallWrites: Contest = {
  name: "writes of 16 bytes",
  unit: "write",
  implementations: [
    {
      name: "to a pipe, bufferedWriter()",
      role: "ours",
      async run() {
        const { writer, done } = drained();
        await Promise.all([writeRecords(bufferedWriter(writer)), done]);
        return RECORDS;
      },
    },
    {
      name: "to a pipe, one by one",
      role: "peer",
      async run() {
        const { writer, done } = drained();
        await Promise.all([writeRecords(writer), done]);
        return RECORDS;
      },
    },
    {
      name: "to a file, bufferedWriter()",
      role: "ours",
      run: (_, output) => writeRecords(bufferedWriter(fromWritable(createWriteStream(output)))),
    },
    {
      name: "to a file, one by one",
      role: "peer",
      run: (_, output) => writeRecords(fromWritable(createWriteStream(output))),
    },
  ],
};
