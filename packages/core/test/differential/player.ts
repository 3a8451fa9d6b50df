import type { Reader, Writer } from "@pipe512/core";
import { pattern, type Step } from "./script.ts";

/** A pair of ends with every method that a script uses. */
export interface Ends {
  readonly reader: Required<Pick<Reader, "read" | "tryRead" | "close" | "closeWithError" | "closed">>;
  readonly writer: Required<Pick<Writer, "write" | "tryWrite" | "close" | "closeWithError" | "closed">> & {
    readonly bytesWritten: number;
    flush(options?: { signal?: AbortSignal }): Promise<void>;
  };
  readonly counts: () => { bytesWritten: number; bytesRead: number };
}

/** Plays a script and describes the state after each step, in the format of the program in Go. */
export async function play(
  steps: readonly Step[],
  { reader, writer, counts }: Ends,
  settle: () => Promise<void>,
): Promise<string[]> {
  const controllers = new Map<number, AbortController>();
  let line: string[] = [];
  let [readerState, writerState] = ["open", "open"];
  void reader.closed.then(() => {
    readerState = "closed";
  });
  void writer.closed.then(() => {
    writerState = "closed";
  });

  const begin = (
    step: Step,
    call: (signal: AbortSignal, progress: { bytes: number }) => Promise<string>,
  ): void => {
    const { id = 0, do: operation } = step;
    const controller = new AbortController();
    if (step.aborted === true) controller.abort("abort");
    controllers.set(id, controller);
    const progress = { bytes: 0 };
    const count = operation === "flush" ? "" : () => ` ${progress.bytes}`;
    const tell = (outcome: string): void => {
      line.push(`${id}=${outcome}${typeof count === "string" ? count : count()};`);
      controllers.delete(id);
    };
    call(controller.signal, progress).then(tell, (error: unknown) => tell(outcomeOf(error)));
  };

  const state = (): string => {
    const { bytesWritten, bytesRead } = counts();
    return `${line.join("")}|${readerState} ${writerState} ${bytesWritten} ${bytesRead}`;
  };
  const lines: string[] = [];
  for (const step of steps) {
    line = [];
    const { id = 0, bytes = 0, error = "" } = step;
    switch (step.do) {
      case "write":
        begin(
          step,
          async (signal, progress) => `${await writer.write(pattern(id, bytes), { signal, progress })}`,
        );
        break;
      case "read":
        begin(step, async (signal, progress) => {
          const into = new Uint8Array(bytes);
          return received(into, await reader.read(into, { signal, progress }));
        });
        break;
      case "flush":
        begin(step, async (signal) => {
          await writer.flush({ signal });
          return "flushed";
        });
        break;
      case "tryWrite":
        line.push(`${attempt(() => `${writer.tryWrite(pattern(id, bytes))}`)};`);
        break;
      case "tryRead": {
        const into = new Uint8Array(bytes);
        line.push(`${attempt(() => received(into, reader.tryRead(into)))};`);
        break;
      }
      case "abort":
        controllers.get(id)?.abort("abort");
        break;
      case "closeWriter":
        if (error === "") writer.close();
        else writer.closeWithError(new Error(error));
        break;
      case "closeReader":
        if (error === "") reader.close();
        else reader.closeWithError(new Error(error));
        break;
    }
    let now = state();
    for (let before = ""; now !== before; now = state()) {
      before = now;
      await settle(); // Repeat as long as the output changes.
    }
    lines.push(now);
  }
  return lines;
}

export function received(into: Uint8Array, count: number | null): string {
  if (count === null) return "null";
  if (count === 0) return "0";
  let hash = 0x811c9dc5;
  for (const byte of into.subarray(0, count)) hash = Math.imul(hash ^ byte, 0x01000193);
  return `${count}:${(hash >>> 0).toString(16).padStart(8, "0")}`;
}

function attempt(call: () => string): string {
  try {
    return call();
  } catch (error) {
    return outcomeOf(error);
  }
}

export function outcomeOf(error: unknown): string {
  if (error === "abort") return error;
  const { code, side, operation, bytesWritten, message } = error as Record<string, unknown>;
  // The error of a flush counts the bytes that the reader has taken; the format of the Go program has no field for that count.
  const count = operation === "flush" ? 0 : bytesWritten;
  return code === "ERR_CLOSED_PIPE"
    ? `closed ${String(side)} ${String(operation)} ${String(count)}`
    : String(message);
}
