// A write that is not awaited is rejected, and the error that the reader gave is wrapped.

import { pipe } from "@pipe512/core";

const { reader, writer } = pipe({ name: "copy" });
writer.write(new Uint8Array(2000)).catch((cause) => {
  throw new Error("The copy has failed", { cause });
});
reader.closeWithError(new Error("disk is full"));
setTimeout(() => {}, 100);
