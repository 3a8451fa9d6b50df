import { type Watched, watch } from "@pipe512/testing/promises";
import { check, type ReadCall } from "./ledger.ts";
import type { Options } from "./schedule.ts";
import { type Subject, signalFor, tried } from "./subject.ts";
import { doneStep, either, fulfils, settles, succeeds } from "./verdict.ts";

const whole = (bytes: Uint8Array | null | undefined) => ({
  length: bytes?.length ?? 0,
  bytes: bytes ?? undefined,
});

/** The minimum number of bytes that a read of `size` bytes gets if it is issued now, from the ring and the write in progress. */
function there({ reader, writer, ledger, mayBeLent }: Subject, size: number): number {
  const { hungry, unfinished, readerClosing } = ledger;
  if (readerClosing !== undefined || mayBeLent || hungry.length > 0) return 0;
  const [first] = unfinished;
  const waiting = first === undefined ? 0 : first.bytes.length - first.moved;
  return Math.min(size, writer.bytesWritten - reader.bytesRead + waiting);
}

export function read(subject: Subject, size: number, { abortable, told }: Options): void {
  const { ledger, reader, mayBeLent } = subject;
  const into = new Uint8Array(size);
  const progress = told ? { bytes: -1 } : undefined;
  const [least, before] = [there(subject, size), reader.bytesRead];
  // The contract does not say whether a read into 0 bytes waits for the end while a view is lent.
  const ofNothing = !ledger.ended(before) ? fulfils(0) : mayBeLent ? settles : ledger.end;
  const verdict = ledger.refusalOfReads ?? (size === 0 ? ofNothing : undefined);
  const name = `read ${ledger.reads.length} into ${size}`;
  const options = signalFor(subject, abortable, "read aborted", () =>
    ledger.abortRead(call, "read aborted", reader.bytesRead),
  );
  const watched = watch<unknown>(reader.read(into, { ...options, ...(told && { progress }) }));
  const brought = () => {
    const length = progress?.bytes ?? (typeof watched.value === "number" ? watched.value : 0);
    return { length, bytes: into.subarray(0, length) };
  };
  const call: ReadCall = { name, watched, verdict, kind: "read", limit: size, progress, brought };
  ledger.reads.push(call);
  const took = reader.bytesRead - before;
  check(took >= least && took <= size, () => `${name} found ${least} bytes and took ${took}`);
}

export function tryRead(subject: Subject, size: number): void {
  const into = new Uint8Array(size);
  const least = there(subject, size);
  const name = `tryRead into ${size}`;
  const count = attempt(subject, name, () => subject.reader.tryRead(into)) as number | null | undefined;
  if (count === null || count === undefined) return;
  check(count >= least && count <= size, () => `${name} found ${least} bytes and took ${count}`);
  keep(subject, name, into.subarray(0, count));
}

export function readChunk(subject: Subject, maxBytes: number, abortable: boolean): void {
  const { ledger, reader } = subject;
  const verdict = ledger.refusalOfReads;
  const options = signalFor(subject, abortable, "chunk aborted", () =>
    ledger.abortRead(call, "chunk aborted", reader.bytesRead),
  );
  const [least, before] = [there(subject, Math.min(1, maxBytes)), reader.bytesRead];
  const watched = watch<unknown>(reader.readChunk({ ...options, maxBytes }));
  const name = `readChunk ${ledger.reads.length} of ${maxBytes}`;
  const brought = () => whole(watched.value as Uint8Array | null | undefined);
  const call: ReadCall = {
    name,
    watched,
    verdict,
    kind: "readChunk",
    limit: maxBytes,
    progress: undefined,
    brought,
  };
  ledger.reads.push(call);
  check(reader.bytesRead - before >= least, () => `${name} took nothing although bytes were there`);
}

export function tryReadChunk(subject: Subject, maxBytes: number): void {
  const least = there(subject, 1);
  const chunk = attempt(subject, "tryReadChunk", () => subject.reader.tryReadChunk({ maxBytes }));
  if (chunk instanceof Uint8Array) keep(subject, "tryReadChunk", chunk);
  else check(least === 0, () => "tryReadChunk took nothing although bytes were there");
}

/** A read that does not wait. Its result on a closed pipe, or at the end, is checked. */
function attempt({ reader, ledger, mayBeLent }: Subject, name: string, call: () => unknown): unknown {
  const { refusalOfReads: refusal, end } = ledger;
  const ended = ledger.ended(reader.bytesRead);
  const alone = !mayBeLent && ledger.hungry.length === 0;
  const watched = tried(call);
  const says = (): string => `${name} says ${String(watched.reason ?? watched.value)}`;
  if (refusal !== undefined) {
    check(refusal.holds(watched), () => `${says()}, expected that it ${refusal.text}`);
    return undefined;
  }
  if (watched.state === "rejected" || watched.value === null) {
    check(ended && end.holds(watched), () => `${says()} before the end`);
  } else {
    check(!(ended && alone), () => `${says()} at the end, expected that it ${end.text}`);
  }
  return watched.value;
}

/** Records bytes that arrived without waiting. The array is kept, to check that it does not change later. */
function keep({ ledger }: Subject, name: string, bytes: Uint8Array): void {
  const watched: Watched<unknown> = { state: "fulfilled", value: bytes.length, reason: undefined };
  const progress = { bytes: bytes.length };
  ledger.reads.push({
    name,
    watched,
    verdict: succeeds,
    kind: "read",
    limit: bytes.length,
    progress,
    brought: () => whole(bytes),
  });
}

/** The steps of an iteration over chunks, or over views. */
export class Steps {
  readonly #subject: Subject;
  readonly #kind: "next" | "view";
  readonly #preventClose: boolean;
  #iteration: AsyncIterableIterator<Uint8Array>;
  /** The last step of views(), and the view that it returned, with a copy made at that time. */
  #last: Watched<unknown> | undefined = undefined;
  #view: { readonly lent: Uint8Array; readonly copy: Uint8Array } | undefined = undefined;

  constructor(subject: Subject, kind: "next" | "view", preventClose: boolean) {
    this.#subject = subject;
    this.#kind = kind;
    this.#preventClose = preventClose;
    this.#iteration = this.#begin();
  }

  /** Whether a view is certainly lent. */
  get lent(): boolean {
    return this.#view !== undefined;
  }

  next(): void {
    if (this.#kind === "view") {
      if (this.#last?.state === "pending") return; // The next step would return its view before the test has read it.
      this.#giveBack();
      this.#subject.mayBeLent = true;
    }
    const { ledger } = this.#subject;
    const kind = this.#kind;
    let length = 0;
    let copy: Uint8Array | undefined;
    // An iteration that has ended stays ended, regardless of the state of the reader.
    const refusal = ledger.refusalOfReads;
    const verdict = refusal && either(refusal, doneStep);
    const watched: Watched<unknown> = watch<unknown>(
      this.#iteration.next().then((result) => {
        if (result.done === true) return { done: true };
        length = result.value.length;
        if (kind === "next") {
          copy = result.value;
        } else if (this.#last === watched) {
          copy = result.value.slice();
          this.#view = { lent: result.value, copy };
        }
        return { done: false };
      }),
    );
    if (kind === "view") this.#last = watched;
    const name = `${kind} ${ledger.reads.length}`;
    const limit = kind === "next" ? 65_536 : Number.POSITIVE_INFINITY;
    const brought = () => ({ length, bytes: copy });
    ledger.reads.push({ name, watched, verdict, kind, limit, progress: undefined, brought });
  }

  leave(): void {
    const { ledger, reader, writer } = this.#subject;
    this.#giveBack();
    for (const step of ledger.hungry)
      if (step.kind === this.#kind) step.verdict = either(succeeds, ledger.end);
    void this.#iteration.return?.();
    // The lent view is returned first, and writes continue; then the reader closes.
    ledger.attribute(writer.bytesWritten);
    if (!this.#preventClose) ledger.closeReader("close", undefined, reader.bytesRead);
    this.#iteration = this.#begin();
  }

  #begin(): AsyncIterableIterator<Uint8Array> {
    const options = { preventClose: this.#preventClose };
    return this.#kind === "next" ? this.#subject.reader.chunks(options) : this.#subject.reader.views(options);
  }

  /** Before the next step of views(), the view lent last must be unchanged. */
  #giveBack(): void {
    const view = this.#view;
    if (view !== undefined) {
      const isSame = view.lent.every((byte, index) => byte === view.copy[index]);
      check(isSame && view.lent.length === view.copy.length, () => "A view has changed before the next step");
    }
    this.#view = undefined;
    this.#last = undefined;
    if (this.#kind === "view") this.#subject.mayBeLent = false;
  }
}
