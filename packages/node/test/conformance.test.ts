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

// Runs the conformance suite for every conversion in both directions. The one chunk that a stream holds excludes some
// cases, listed here. Small chunks keep the list short.

const framework = vitest({ describe, test });

/** The parts of the contract that no Node stream can keep. */
const stream: Supports = {
  ...everything,
  hardCap: "a stream holds the current chunk in addition to the 512 bytes",
  falsyErrors: "Node treats a falsy error as no error: it becomes the cause of an Error",
  transfer: "bytes are copied, except with `transfer`, which has its own tests",
  abandonment: "a lost stream closes its pipe without an AbandonedPipeError",
};

/** In addition, for fromReadable(). */
const read: Supports = {
  ...stream,
  tryOperations:
    "fromReadable() pulls only when it is read: bytes and the end arrive in a later iteration of the event loop",
};

/** In addition, for fromWritable(). */
const written: Supports = {
  ...stream,
  progress: "a stream accepts a write whole or not at all",
  detachedArrays: "a stream accepts a write whole: an array detached while it waits was copied before",
  closedPipeErrors: "a stream has one error, which every later write gets",
};

const chunkSize = 1024;

/** With a listener for `error`: some cases close a failed writer and ignore its error (PIPE-017). */
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
      drainThenError: "destroying a pipeDuplex discards its bytes",
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
      closedPromise: "if one end of a pair is destroyed without an error, the next write of the other fails",
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
