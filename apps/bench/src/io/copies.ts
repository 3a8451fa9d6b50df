import { createReadStream, createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { copy, pipeTo } from "@pipe512/core";
import { fromReadable, fromWritable } from "@pipe512/node";
import type { Contest } from "./contest.ts";
import { source } from "./source.ts";

const MIB = 1_048_576;

/** A file copied to another. */
export const copies: Contest = {
  name: "copy of a file",
  unit: "MiB",
  implementations: [
    {
      name: "copy()",
      role: "ours",
      async run(file, output) {
        const sink = fromWritable(createWriteStream(output));
        const bytes = await copy(source(file), sink);
        await (sink.finish?.() ?? sink.close());
        return bytes / MIB;
      },
    },
    {
      name: "pipeTo()",
      role: "ours",
      run: async (file, output) =>
        (await pipeTo(source(file), fromWritable(createWriteStream(output)))) / MIB,
    },
    {
      name: "pipeTo({ transfer })",
      role: "ours",
      run: async (file, output) => {
        const from = fromReadable(createReadStream(file), { transfer: true });
        const sink = fromWritable(createWriteStream(output), { transfer: true });
        return (await pipeTo(from, sink, { transfer: true })) / MIB;
      },
    },
    {
      name: "stream.pipeline()",
      role: "peer",
      async run(file, output) {
        const from = createReadStream(file);
        await pipeline(from, createWriteStream(output));
        return from.bytesRead / MIB;
      },
    },
  ],
};
