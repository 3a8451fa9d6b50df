// The reader is forgotten; the script dies of the error that the write gets.

import { pipe } from "@pipe512/core";

const { writer } = pipe({ name: "upload" });
void writer.write(new Uint8Array(2000)).then(() => writer.close());
