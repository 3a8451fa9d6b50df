// A write that is not awaited rejects, and its handler wraps the reader's error in another one.

import { pipe } from "@pipe512/core";

const { reader, writer } = pipe({ name: "copy" });
writer.write(new Uint8Array(2000)).catch((cause) => {
  throw new Error("The copy has failed", { cause });
});
reader.closeWithError(new Error("disk is full"));
setTimeout(() => {}, 100);
