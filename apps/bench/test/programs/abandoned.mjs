// The reader is lost. The pending write rejects, and this error ends the script.

import { pipe } from "@pipe512/core";

const { writer } = pipe({ name: "upload" });
void writer.write(new Uint8Array(2000)).then(() => writer.close());
