import { type PipeReader, type PipeWriter, pipe } from "@pipe512/core";

const { setImmediate } = globalThis;

/** Lets everything happen that can: a call may be put off to a later turn, and a turn may be left out. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 4; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
}

/** Bytes that say which call they are of, and where they stand in it. The same as in Go. */
export function pattern(id: number, size: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: size }, (_, index) => id * 101 + index * 31 + (index >> 8) * 7);
}

/** FNV-1a of 32 bits. */
function hash(bytes: Uint8Array): number {
  let state = 0x811c9dc5;
  for (const byte of bytes) state = Math.imul(state ^ byte, 0x01000193);
  return state >>> 0;
}

export const got = (into: Uint8Array, count: number): string => `${count}/${hash(into.subarray(0, count))}`;

/** What was thrown, in the words of the Go program. */
export function failure(reason: unknown): string {
  const { code, side, bytesWritten } = (reason ?? {}) as Record<string, unknown>;
  if (code === "ERR_CLOSED_PIPE") return `closed ${String(side)} ${String(bytesWritten)}`;
  return reason === "aborted" ? "aborted" : `error ${String(reason)}`;
}

/** Plays a script on a pipe, and gives the lines that the Go program prints for it. */
export class Player {
  readonly #reader: PipeReader;
  readonly #writer: PipeWriter;
  readonly #aborting = new AbortController();
  /** How to abort the calls that are aborted later. */
  readonly #aborts = new Map<number, AbortController>();
  #calls = 0;
  #settled: Array<{ id: number; line: string }> = [];
  #readerClosed = false;
  #writerClosed = false;

  constructor(steps: readonly string[]) {
    const ends = pipe(steps.includes("x") ? { signal: this.#aborting.signal } : {});
    this.#reader = ends.reader;
    this.#writer = ends.writer;
    void ends.reader.closed.then(() => (this.#readerClosed = true));
    void ends.writer.closed.then(() => (this.#writerClosed = true));
    for (const step of steps)
      if (step.startsWith("a")) this.#aborts.set(Number(step.slice(1)), new AbortController());
  }

  async play(steps: readonly string[]): Promise<string> {
    const lines: string[] = [];
    for (const step of steps) lines.push(await this.#step(step));
    this.#reader.close();
    this.#writer.close();
    return lines.join(";");
  }

  async #step(step: string): Promise<string> {
    const progress = step.endsWith("p") ? { bytes: 0 } : undefined;
    const number = Number.parseInt(step.slice(1), 10) || 0;
    const result = this.#take(step.charAt(0), number, progress);
    await settle();
    const { bytesWritten } = this.#writer;
    const settled = this.#settled.toSorted((a, b) => a.id - b.id).map(({ line }) => ` ${line}`);
    this.#settled = [];
    const closed = `${this.#readerClosed} ${this.#writerClosed}`;
    return `${result}${settled.join("")} ${bytesWritten} ${this.#reader.bytesRead} ${closed}`;
  }

  #take(kind: string, number: number, progress: { bytes: number } | undefined): string {
    const reader = this.#reader;
    const writer = this.#writer;
    const id = this.#calls;
    if ("wrfty".includes(kind)) this.#calls += 1;
    const signal = this.#aborts.get(id)?.signal;
    const options = { ...(signal && { signal }), ...(progress && { progress }) };
    const into = new Uint8Array(number);
    if (kind === "w") this.#follow(id, progress, writer.write(pattern(id, number), options), String);
    if (kind === "f") this.#follow(id, progress, writer.flush(options), () => "done");
    if (kind === "r") {
      const brought = (count: number | null): string => (count === null ? "end" : got(into, count));
      this.#follow(id, progress, reader.read(into, options), brought);
    }
    if (kind === "t") return attempt(() => String(writer.tryWrite(pattern(id, number))));
    if (kind === "y") {
      return attempt(() => {
        const count = reader.tryRead(into);
        return count === null ? "end" : got(into, count);
      });
    }
    if (kind === "a" && number < this.#calls) this.#aborts.get(number)?.abort("aborted");
    if (kind === "c") writer.close();
    if (kind === "e") writer.closeWithError(number);
    if (kind === "C") reader.close();
    if (kind === "E") reader.closeWithError(number);
    if (kind === "x") this.#aborting.abort("x");
    return "";
  }

  #follow<T>(
    id: number,
    progress: { readonly bytes: number } | undefined,
    call: Promise<T>,
    outcome: (value: T) => string,
  ): void {
    const note = (text: string): void => {
      this.#settled.push({ id, line: `${id}:${text}${progress === undefined ? "" : `+${progress.bytes}`}` });
    };
    call.then(
      (value) => note(outcome(value)),
      (reason: unknown) => note(failure(reason)),
    );
  }
}

function attempt(call: () => string): string {
  try {
    return call();
  } catch (reason) {
    return failure(reason);
  }
}

/** Plays a script of Go's own `io.Pipe`: a write is a write and a flush, and its `n` the progress of the flush. */
export async function playStandard(steps: readonly string[]): Promise<string> {
  const { reader, writer } = pipe();
  const lines: string[] = [];
  let settled: Array<{ id: number; line: string }> = [];
  const note = (id: number, line: string): void => void settled.push({ id, line: `${id}:${line}` });
  const words = (reason: unknown): string => failure(reason).replace(/^closed .*/, "closed");
  const write = async (id: number, bytes: Uint8Array): Promise<void> => {
    const before = writer.bytesWritten;
    const progress = { bytes: reader.bytesRead };
    const taken = (): number => Math.max(progress.bytes - before, 0); // A close may have dropped bytes that were written before.
    try {
      await writer.write(bytes).finally(() => void (progress.bytes = reader.bytesRead));
      await writer.flush({ progress });
      note(id, `ok ${taken()}`);
    } catch (reason) {
      note(id, `${words(reason)} ${taken()}`);
    }
  };
  const read = async (id: number, into: Uint8Array): Promise<void> => {
    try {
      const count = await reader.read(into);
      note(id, `${count === null ? "end" : "ok"} ${got(into, count ?? 0)}`);
    } catch (reason) {
      note(id, `${words(reason)} ${got(into, 0)}`);
    }
  };
  for (const [id, step] of steps.entries()) {
    const number = Number.parseInt(step.slice(1), 10) || 0;
    const kind = step.charAt(0);
    if (kind === "w") void write(id, pattern(id, number));
    if (kind === "r") void read(id, new Uint8Array(number));
    if (kind === "c") writer.close();
    if (kind === "e") writer.closeWithError(number);
    if (kind === "C") reader.close();
    if (kind === "E") reader.closeWithError(number);
    await settle();
    // In Go both are known to have settled, in no order.
    lines.push(
      settled
        .map(({ line }) => line)
        .toSorted()
        .join(" "),
    );
    settled = [];
  }
  reader.close();
  writer.close();
  return lines.join(";");
}
