import { createReadStream } from "node:fs";
import type { Reader } from "@pipe512/core";
import { fromReadable } from "@pipe512/node";

/** A `Reader` of a file. */
export const source = (file: string): Reader => fromReadable(createReadStream(file));
