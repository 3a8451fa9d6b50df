import { conformance, everything, type Supports, vitest } from "@pipe512/conformance";
import { pipe } from "@pipe512/core";
import {
  fromReadableStream,
  fromWritableStream,
  pipeStream,
  toReadableStream,
  toWritableStream,
} from "@pipe512/web";
import { describe, test } from "vitest";
import { hasByteStreams } from "./support/engine.ts";

const framework = vitest({ describe, test });

const fromStream: Partial<Supports> = {
  tryOperations: "streams have no synchronous operations",
  readChunk: "a chunk of a stream may have other owners",
  transfer: "a chunk of a stream may have other owners",
  falsyErrors: "cancel(undefined) and abort(undefined) count as calls without a reason",
};
const toStream: Partial<Supports> = {
  ...fromStream,
  hardCap: "the stream holds one chunk, which counts as written",
  detachedArrays: "the stream holds a copy of one chunk",
};

for (const byob of [true, false]) {
  const kind = byob ? "a byte stream" : "a plain stream";
  // The reader of a plain stream holds a whole chunk.
  const hardCap = (byob && hasByteStreams) || "the stream holds one chunk";
  conformance(
    {
      name: `toReadableStream() and fromReadableStream(), ${kind}`,
      create() {
        const { reader, writer } = pipe();
        return { reader: fromReadableStream(toReadableStream(reader, { byob, chunkSize: 1024 })), writer };
      },
      supports: { ...everything, ...fromStream, hardCap },
    },
    framework,
  );
  conformance(
    {
      name: `pipeStream(), fromReadableStream() and fromWritableStream(), ${kind}`,
      create() {
        const { readable, writable } = pipeStream({ byob, chunkSize: 1024 });
        // The pipe copies the chunks of the stream, so the stream need not.
        return {
          reader: fromReadableStream(readable),
          writer: fromWritableStream(writable, { transfer: true }),
        };
      },
      supports: { ...everything, ...toStream },
    },
    framework,
  );
}

conformance(
  {
    name: "toWritableStream() and fromWritableStream()",
    create() {
      const { reader, writer } = pipe();
      return {
        reader,
        writer: fromWritableStream(toWritableStream(writer), { transfer: true }),
      };
    },
    supports: { ...everything, ...toStream },
  },
  framework,
);
