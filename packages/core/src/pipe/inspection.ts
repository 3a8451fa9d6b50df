import type { Side } from "../errors.ts";
import type { Operation } from "./operation.ts";
import type { Pipe } from "./pipe.ts";

/** The method that the consoles of Node, Deno and Bun call. */
export const INSPECT: unique symbol = Symbol.for("nodejs.util.inspect.custom");

/** As the console's own `inspect`, which it passes on. */
export type Inspect = (value: unknown, options: unknown) => string;

/** What a console shows of an end: the name of its pipe, how many bytes wait to be read, and whether a side is closed. */
function look(pipe: Pipe, side: Side): { name?: string; bytesWaiting: number; state: string } {
  const { name, readerClosing, writerClosing } = pipe;
  const write = pipe.notFull.first as Operation | undefined;
  const closing = side === "reader" ? (readerClosing ?? writerClosing) : (writerClosing ?? readerClosing);
  return {
    ...(name !== undefined && { name }),
    bytesWaiting: pipe.untaken + (write === undefined ? 0 : write.length - write.moved),
    state: closing === undefined ? "open" : `${closing.side} ${closing.how}`,
  };
}

/** For consoles that have a method for it: `PipeReader { name: 'upload', bytesWaiting: 12, state: 'open' }`. */
export function inspected(pipe: Pipe, side: Side, depth: number, options: unknown, inspect: Inspect): string {
  const kind = side === "reader" ? "PipeReader" : "PipeWriter";
  return depth < 0 ? `[${kind}]` : `${kind} ${inspect(look(pipe, side), options)}`;
}

/** For the others, and for `String(end)`: `PipeReader "upload": 12 bytes waiting, open`. */
export function tagged(pipe: Pipe, side: Side): string {
  const { name, bytesWaiting, state } = look(pipe, side);
  const kind = side === "reader" ? "PipeReader" : "PipeWriter";
  return `${kind}${name === undefined ? "" : ` "${name}"`}: ${bytesWaiting} bytes waiting, ${state}`;
}
