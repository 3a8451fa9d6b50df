import type { Side } from "../errors.ts";
import type { Closing } from "../pipe/closing.ts";
import type { AdapterWait } from "../pipe/observer.ts";
import { FLUSH, type Operation } from "../pipe/operation.ts";
import type { Pipe } from "../pipe/pipe.ts";
import { describeAdapterWait, describeWait, hasItsTurn } from "./explanation.ts";
import { now } from "./platform.ts";
import type { PipeReport } from "./report.ts";
import { WaitList, type Watched } from "./waiting.ts";

/** Receives the events of a watched pipe. It is called within steps of the pipe, so it must not run the user's code. */
export interface Listener {
  /** A call begins. Most calls end without waiting. */
  began(): void;
  /** The pipe can move no more bytes. */
  over(pipe: WatchedPipe): void;
  /** An end was collected without a required `close()`. Called before operations waiting for it are rejected. */
  lost(pipe: WatchedPipe, end: Side): void;
  /** The pipe rejects a call with `error`. */
  refused(pipe: WatchedPipe, error: unknown): void;
}

/** Weak references to the ends of a pipe. */
export interface WeakEnds {
  readonly reader: WeakRef<object>;
  readonly writer: WeakRef<object>;
}

/** The record of one pipe. It replaces some methods of the pipe to observe it. */
export class WatchedPipe implements Watched {
  readonly id: number;
  readonly pipe: Pipe;
  readonly waiting: WaitList = new WaitList();
  readonly #ends: WeakEnds;
  readonly #listener: Listener;
  readonly #stack: string;
  readonly #madeAt: number = now();

  constructor(id: number, pipe: Pipe, ends: WeakEnds, stack: string, listener: Listener) {
    this.id = id;
    this.pipe = pipe;
    this.#ends = ends;
    this.#stack = stack;
    this.#listener = listener;
    // Watches both ends for collection from the start, so that a leak is reported even if no operation waits for it.
    pipe.watchReader();
    pipe.watchWriter();
    this.#takeNotes();
  }

  get isOver(): boolean {
    return this.pipe.readerClosing !== undefined || this.pipe.ended;
  }

  /** Reports ends that have been collected without a required `close()`, before their finalization callbacks run. */
  findLostEnds(): void {
    if (this.#ends.reader.deref() === undefined) this.#noteLostReader();
    if (this.#ends.writer.deref() === undefined) this.#noteLostWriter();
  }

  /** Adds a pending call of an adapter. Returns a function that removes it. */
  begin(wait: AdapterWait): () => void {
    const { pipe } = this;
    return this.waiting.add({
      side: wait.side,
      since: now(),
      hasItsTurn: () => true,
      describe: (waitingMs) => describeAdapterWait(pipe, wait, waitingMs),
    });
  }

  report(): PipeReport {
    const { pipe } = this;
    const at = now();
    return {
      id: this.id,
      name: pipe.name,
      ageMs: at - this.#madeAt,
      reader: pipe.readerClosing?.how ?? "open",
      writer: pipe.writerClosing?.how ?? "open",
      bytesInRing: pipe.untaken,
      bytesWritten: pipe.bytesWritten,
      bytesRead: pipe.bytesRead,
      waiting: this.waiting.describe(at),
      waitedMs: this.waiting.waitedMs(at),
      stack: this.#stack,
    };
  }

  /** Restores the pipe's own methods. */
  release(): void {
    for (const name of ["start", "lookForEnd", "closeWriter", "closeReader", "refusal"] as const) {
      delete (this.pipe as Partial<Pick<Pipe, typeof name>>)[name];
    }
  }

  #takeNotes(): void {
    const { pipe } = this;
    const start = pipe.start.bind(pipe);
    const lookForEnd = pipe.lookForEnd.bind(pipe);
    const closeWriter = pipe.closeWriter.bind(pipe);
    const closeReader = pipe.closeReader.bind(pipe);
    const refusal = pipe.refusal.bind(pipe);
    pipe.start = (operation, mutex) => {
      this.#begin(operation);
      return start(operation, mutex);
    };
    pipe.lookForEnd = () => {
      lookForEnd();
      if (pipe.ended) this.#listener.over(this);
    };
    pipe.closeWriter = (how, reason) => {
      if (how === "lost") this.#noteLostWriter();
      closeWriter(how, reason);
    };
    pipe.closeReader = (how, reason) => {
      if (how === "lost") this.#noteLostReader();
      closeReader(how, reason);
      this.#listener.over(this);
    };
    pipe.refusal = (...why) => {
      const error = refusal(...why);
      this.#listener.refused(this, error);
      return error;
    };
  }

  #noteLostWriter(): void {
    const { writerClosing, readerClosing } = this.pipe;
    if (writerClosing === undefined && !isProper(readerClosing)) this.#listener.lost(this, "writer");
  }

  #noteLostReader(): void {
    const { ended, writerClosing, readerClosing } = this.pipe;
    // A reader that has met the end need not be closed.
    if (readerClosing === undefined && !(ended && isProper(writerClosing)))
      this.#listener.lost(this, "reader");
  }

  #begin(operation: Operation): void {
    const { pipe } = this;
    const forget = operation.forget.bind(operation);
    const end = this.waiting.add({
      side: operation.kind <= FLUSH ? "writer" : "reader",
      since: now(),
      hasItsTurn: () => hasItsTurn(pipe, operation),
      describe: (waitingMs) => describeWait(pipe, operation, waitingMs),
    });
    operation.forget = () => {
      end();
      forget();
    };
    this.#listener.began();
  }
}

/** Whether the side was closed by a call, with or without an error. */
function isProper(closing: Closing | undefined): boolean {
  return closing !== undefined && closing.how !== "lost";
}
