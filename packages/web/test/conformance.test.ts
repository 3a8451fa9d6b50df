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
  tryOperations: "streams have no operation that does not wait",
  readChunk: "a chunk of a stream may have other owners",
  transfer: "a chunk of a stream may have other owners",
  falsyErrors: "cancel(undefined) and abort(undefined) are those without a reason",
};
const toStream: Partial<Supports> = {
  ...fromStream,
  hardCap: "one chunk is in the hands of the stream, and counts as written",
  detachedArrays: "one chunk is in the hands of the stream, as a copy",
};

for (const byob of [true, false]) {
  const kind = byob ? "a byte stream" : "a plain stream";
  // The reader of a plain stream has a whole chunk in hand.
  const hardCap = (byob && hasByteStreams) || "one chunk is in the hands of the stream";
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
        // The pipe copies what the stream is given, so the stream need not.
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
