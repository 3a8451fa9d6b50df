import type { Writable } from "node:stream";
import { conformance, everything, type Supports, vitest } from "@pipe512/conformance";
import { pipe } from "@pipe512/core";
import {
  duplexPair,
  fromReadable,
  fromWritable,
  pipeDuplex,
  toDuplex,
  toReadable,
  toWritable,
} from "@pipe512/node";
import { describe, test } from "vitest";

// Every conversion there and back. What one chunk in the hands of a stream means for the contract of the pipe is said
// here, case by case; small chunks keep it small.

const framework = vitest({ describe, test });

/** What no Node stream can do, whatever is behind it. */
const stream: Supports = {
  ...everything,
  hardCap: "a stream has the one chunk in its hands on top of the 512 bytes",
  falsyErrors: "Node takes a falsy error for none: it becomes an Error whose cause it is",
  transfer: "bytes are copied unless the conversion is told `transfer`, which its own tests show",
  abandonment: "a stream that is lost closes what is behind it, without an AbandonedPipeError",
};

/** What fromReadable() adds to that. */
const read: Supports = {
  ...stream,
  tryOperations: "fromReadable() pulls when it is asked: it learns of bytes and of the end in a later turn",
};

/** What fromWritable() adds to it. */
const written: Supports = {
  ...stream,
  progress: "a stream takes a write whole or not at all",
  detachedArrays: "a stream takes a write whole: what is detached while it waits for room was copied before",
  closedPipeErrors: "a stream has one error, which every later write gets",
};

const chunkSize = 1024;

/** With a listener for `error`: cases close a writer that has failed, and take no other notice of its error (PIPE-017). */
function heard<Sink extends Writable>(sink: Sink): Sink {
  return sink.on("error", () => {});
}

conformance(
  {
    name: "toReadable(), and back by fromReadable()",
    create: () => {
      const { reader, writer } = pipe();
      return { reader: fromReadable(toReadable(reader, { chunkSize })), writer };
    },
    supports: read,
  },
  framework,
);

conformance(
  {
    name: "toWritable(), and back by fromWritable()",
    create: () => {
      const { reader, writer } = pipe();
      return { reader, writer: fromWritable(heard(toWritable(writer))) };
    },
    supports: written,
  },
  framework,
);

conformance(
  {
    name: "pipeDuplex(), by fromReadable() and fromWritable()",
    create: () => {
      const duplex = pipeDuplex({ chunkSize });
      return { reader: fromReadable(duplex), writer: fromWritable(heard(duplex)) };
    },
    supports: {
      ...read,
      ...written,
      tryOperations: read.tryOperations,
      drainThenError: "destroying a pipeDuplex drops its bytes",
    },
  },
  framework,
);

conformance(
  {
    name: "duplexPair(), by fromReadable() and fromWritable()",
    create: () => {
      const [one, other] = duplexPair({ chunkSize });
      return { reader: fromReadable(one), writer: fromWritable(heard(other)) };
    },
    supports: {
      ...read,
      ...written,
      tryOperations: read.tryOperations,
      closedPromise:
        "an end of a pair learns by its next write that the other was destroyed without an error",
    },
  },
  framework,
);

conformance(
  {
    name: "toDuplex(), by fromReadable() and fromWritable()",
    create: () => {
      const there = pipe();
      const back = pipe();
      const one = toDuplex(back.reader, there.writer, { chunkSize });
      const other = toDuplex(there.reader, back.writer, { chunkSize });
      return { reader: fromReadable(heard(one)), writer: fromWritable(heard(other)) };
    },
    supports: { ...read, ...written, tryOperations: read.tryOperations },
  },
  framework,
);
