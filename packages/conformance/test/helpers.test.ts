import { conformance, everything, type Supports, vitest } from "@pipe512/conformance";
import {
  broadcast,
  bufferedReader,
  bufferedWriter,
  concat,
  limit,
  type PipeEnds,
  pipe,
  type Reader,
  tee,
  type Writer,
} from "@pipe512/core";
import { describe, test } from "vitest";

// The ends that helpers make must keep the contract as well. Each is tested with a pipe behind it.

const framework = vitest({ describe, test });

const readers: Supports = {
  ...everything,
  hardCap: "a buffered reader reads ahead",
  transfer: "bytes are copied",
  tryOperations: "only a buffered reader has tryRead()",
  readChunk: "only a buffered reader has readChunk()",
  abandonment: "a helper holds the end behind it, and is not an end of a pipe itself",
};

const writers: Supports = {
  ...readers,
  tryOperations: "only a buffered writer has tryWrite()",
};

function overReader(name: string, make: (reader: Reader) => Reader, supports: Supports = readers): void {
  const create = (): { reader: Reader; writer: Writer } => {
    const { reader, writer }: PipeEnds = pipe();
    return { reader: make(reader), writer };
  };
  conformance({ name, create, supports }, framework);
}

function overWriter(name: string, make: (writer: Writer) => Writer, supports: Supports = writers): void {
  const create = (): { reader: Reader; writer: Writer } => {
    const { reader, writer }: PipeEnds = pipe();
    return { reader, writer: make(writer) };
  };
  conformance({ name, create, supports }, framework);
}

overReader("bufferedReader()", (reader) => bufferedReader(reader, { chunkSize: 2000 }), {
  ...readers,
  tryOperations: true,
  readChunk: true,
});
overReader("limit()", (reader) => limit(reader, Number.POSITIVE_INFINITY));
overReader("concat()", (reader) => concat([reader]), {
  ...readers,
  closedPromise: "what comes behind a reader is known by reading it to its end",
});
overReader("tee()", (reader) =>
  tee(reader, { write: async ({ length }) => length, close() {}, closeWithError() {} }),
);
// A block of more than one byte would keep back bytes that the cases wait for.
overWriter("bufferedWriter({ size: 1 })", (writer) => bufferedWriter(writer, { size: 1 }));
overWriter("broadcast()", (writer) => broadcast([writer]));
