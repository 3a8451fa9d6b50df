import type { Side } from "../errors.ts";
import type { Closing } from "../pipe/closing.ts";
import type { AdapterWait } from "../pipe/observer.ts";
import { FLUSH, type Operation } from "../pipe/operation.ts";
import type { Pipe } from "../pipe/pipe.ts";
import { describeAdapterWait, describeWait, hasItsTurn } from "./explanation.ts";
import { now } from "./platform.ts";
import type { PipeReport } from "./report.ts";
import { WaitList, type Watched } from "./waiting.ts";

/** Who is told what becomes of a watched pipe. It is told inside the steps of the pipe, and must not run code of others there. */
export interface Listener {
  /** A call begins; most end in the same breath. */
  began(): void;
  /** No byte can move any more. */
  over(pipe: WatchedPipe): void;
  /** An end was garbage-collected that should have been closed. Called before anything is done about it. */
  lost(pipe: WatchedPipe, end: Side): void;
  /** A call was rejected with `error`, of which the pipe is the reason. */
  refused(pipe: WatchedPipe, error: unknown): void;
}

/** The ends of a pipe, which are held weakly. */
export interface WeakEnds {
  readonly reader: WeakRef<object>;
  readonly writer: WeakRef<object>;
}

/** The notes that are taken of one pipe, by methods put in place of its own. */
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
    // From now on the pipe holds neither end, and is told at once when one is lost, whether somebody waits or not.
    pipe.watchReader();
    pipe.watchWriter();
    this.#takeNotes();
  }

  get isOver(): boolean {
    return this.pipe.readerClosing !== undefined || this.pipe.ended;
  }

  /** Notes the ends that have been collected and should have been closed, before the platform tells of it. */
  findLostEnds(): void {
    if (this.#ends.reader.deref() === undefined) this.#noteLostReader();
    if (this.#ends.writer.deref() === undefined) this.#noteLostWriter();
  }

  /** A call of an adapter waits. Returns the function that ends the wait. */
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

  /** Gives the pipe its own methods back. */
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
    // A reader that has come to the end need not be closed.
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

/** Whether somebody closed it, in whatever way. */
function isProper(closing: Closing | undefined): boolean {
  return closing !== undefined && closing.how !== "lost";
}
