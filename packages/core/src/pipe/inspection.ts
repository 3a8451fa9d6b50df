import type { Side } from "../errors.ts";
import type { Operation } from "./operation.ts";
import type { Pipe } from "./pipe.ts";

/** The method that the consoles of Node, Deno and Bun call. Browsers have `Symbol.toStringTag`. */
export const INSPECT: unique symbol = Symbol.for("nodejs.util.inspect.custom");

/** The text that a console prints for an end: `PipeReader "upload": 12 bytes waiting, open`. */
export function inspection(pipe: Pipe, side: Side): string {
  const { name, readerClosing, writerClosing } = pipe;
  const write = pipe.notFull.first as Operation | undefined;
  const bytes = pipe.untaken + (write === undefined ? 0 : write.length - write.moved);
  const closing = side === "reader" ? (readerClosing ?? writerClosing) : (writerClosing ?? readerClosing);
  const state = closing === undefined ? "open" : `${closing.side} ${closing.how}`;
  const kind = side === "reader" ? "PipeReader" : "PipeWriter";
  return `${kind}${name === undefined ? "" : ` "${name}"`}: ${bytes} bytes waiting, ${state}`;
}
