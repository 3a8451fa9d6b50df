// An end that is neither closed nor referenced any more.

import { pipe } from "@pipe512/core";

function open() {
  const { reader, writer } = pipe({ name: "forgotten" });
  writer.tryWrite(new Uint8Array(12));
  return reader;
}

globalThis.kept = open();
