import type { Side } from "../errors.ts";
import type { Closing } from "../pipe/closing.ts";
import { FLUSH, type Operation } from "../pipe/operation.ts";
import type { Pipe } from "../pipe/pipe.ts";
import { describeWait } from "./explanation.ts";
import { now } from "./platform.ts";
import type { PipeReport } from "./report.ts";

/** Who is told what becomes of a watched pipe. It is told inside the steps of the pipe, and must not run code of others there. */
export interface Listener {
  /** An operation begins; most end in the same breath. */
  began(pipe: WatchedPipe, operation: Operation): void;
  /** No byte can move any more. */
  over(pipe: WatchedPipe): void;
  /** An end was garbage-collected that should have been closed. Called before anything is done about it. */
  lost(pipe: WatchedPipe, end: Side): void;
}

/** How one side has waited. */
interface SideWaits {
  /** Operations that wait now. */
  count: number;
  /** When the first of them began. */
  since: number;
  /** How long there were any, before that. */
  totalMs: number;
}

/** The notes that are taken of one pipe, by methods put in place of its own. */
export class WatchedPipe {
  readonly id: number;
  readonly pipe: Pipe;
  readonly #listener: Listener;
  readonly #stack: string;
  readonly #madeAt: number = now();
  /** Those that have begun and not ended, and when they began, in the order of their calls. */
  readonly #waiting = new Map<Operation, number>();
  readonly #waits: { readonly [S in Side]: SideWaits } = {
    reader: { count: 0, since: 0, totalMs: 0 },
    writer: { count: 0, since: 0, totalMs: 0 },
  };

  constructor(id: number, pipe: Pipe, stack: string, listener: Listener) {
    this.id = id;
    this.pipe = pipe;
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

  /** The operations that wait, and since when. */
  get waiting(): ReadonlyMap<Operation, number> {
    return this.#waiting;
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
      waiting: Array.from(this.#waiting, ([operation, since]) => describeWait(pipe, operation, at - since)),
      waitedMs: { reader: this.#waited("reader", at), writer: this.#waited("writer", at) },
      stack: this.#stack,
    };
  }

  /** Gives the pipe its own methods back. */
  release(): void {
    for (const name of ["start", "lookForEnd", "closeWriter", "closeReader"] as const) {
      delete (this.pipe as Partial<Pick<Pipe, typeof name>>)[name];
    }
  }

  #takeNotes(): void {
    const { pipe } = this;
    const start = pipe.start.bind(pipe);
    const lookForEnd = pipe.lookForEnd.bind(pipe);
    const closeWriter = pipe.closeWriter.bind(pipe);
    const closeReader = pipe.closeReader.bind(pipe);
    pipe.start = (operation, mutex) => {
      this.#begin(operation);
      return start(operation, mutex);
    };
    pipe.lookForEnd = () => {
      lookForEnd();
      if (pipe.ended) this.#listener.over(this);
    };
    pipe.closeWriter = (how, reason) => {
      if (how === "lost" && pipe.writerClosing === undefined && !isProper(pipe.readerClosing)) {
        this.#listener.lost(this, "writer");
      }
      closeWriter(how, reason);
    };
    pipe.closeReader = (how, reason) => {
      // A reader that has come to the end need not be closed.
      const isAtEnd = pipe.ended && isProper(pipe.writerClosing);
      if (how === "lost" && pipe.readerClosing === undefined && !isAtEnd) this.#listener.lost(this, "reader");
      closeReader(how, reason);
      this.#listener.over(this);
    };
  }

  #begin(operation: Operation): void {
    const forget = operation.forget.bind(operation);
    const waits = this.#waits[operation.kind <= FLUSH ? "writer" : "reader"];
    const at = now();
    this.#waiting.set(operation, at);
    waits.count += 1;
    if (waits.count === 1) waits.since = at;
    operation.forget = () => {
      this.#waiting.delete(operation);
      waits.count -= 1;
      if (waits.count === 0) waits.totalMs += now() - waits.since;
      forget();
    };
    this.#listener.began(this, operation);
  }

  #waited(side: Side, at: number): number {
    const { count, since, totalMs } = this.#waits[side];
    return count === 0 ? totalMs : totalMs + at - since;
  }
}

/** Whether somebody closed it, in whatever way. */
function isProper(closing: Closing | undefined): boolean {
  return closing !== undefined && closing.how !== "lost";
}
