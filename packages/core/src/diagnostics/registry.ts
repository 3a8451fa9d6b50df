import type { Side } from "../errors.ts";
import { laterTurn } from "../pipe/later-turn.ts";
import { type AdapterWait, type Maker, type Observer, post } from "../pipe/observer.ts";
import type { Pipe } from "../pipe/pipe.ts";
import { explainLoss } from "./explanation.ts";
import { callersOf } from "./platform.ts";
import type { LeakReport, PipeReport } from "./report.ts";
import type { Watched } from "./waiting.ts";
import { WatchedConversion } from "./watched-conversion.ts";
import { type Listener, WatchedPipe, type WeakEnds } from "./watched-pipe.ts";

const SIDES: readonly Side[] = ["reader", "writer"];

/**
 * Iterations of the event loop to wait before a leak is reported. If both ends are collected together, the second one is
 * found one or two iterations later, because each end has its own `FinalizationRegistry`.
 */
const TURNS_TO_FIND_THE_OTHER = 4;

/** The events that the registry reports to a watch. Only `began` is called within a step of a pipe. */
export interface Watcher {
  opened(pipe: WatchedPipe): void;
  began(): void;
  closed(report: PipeReport): void;
  leaked(report: LeakReport): void;
}

/**
 * The watched pipes and conversions that are still in use. While at least one watch is on, all copies of this package share
 * one registry.
 */
export class Registry implements Observer, Listener {
  readonly watchers: Set<Watcher> = new Set();
  readonly #live = new Set<WatchedPipe>();
  /** Conversions with at least one pending call. */
  readonly #waitingConversions = new Set<WatchedConversion>();
  /** Maps the ends of pipes, and conversions, to their records. */
  readonly #subjects = new WeakMap<object, WatchedPipe | WatchedConversion>();
  /** Maps an error to the pipe that rejected a call with it. */
  readonly #errors = new WeakMap<object, WatchedPipe>();
  /** The collected ends of each pipe. A pipe is reported once. */
  readonly #losses = new WeakMap<WatchedPipe, Side[]>();
  /** Reports of leaks that are delayed until the other end may be found. */
  readonly #unreported = new Set<() => void>();
  #lastId = 0;

  /** All pipes in use, and all conversions with a pending call. */
  get watched(): Iterable<Watched> {
    return [...this.#live, ...this.#waitingConversions];
  }

  opened(pipe: Pipe, maker: Maker): void {
    const { reader, writer } = pipe as unknown as { readonly reader: object; readonly writer: object };
    const ends: WeakEnds = { reader: new WeakRef(reader), writer: new WeakRef(writer) };
    const watched = new WatchedPipe(this.#nextId(), pipe, ends, callersOf(post.maker ?? maker), this);
    this.#subjects.set(reader, watched);
    this.#subjects.set(writer, watched);
    this.#live.add(watched);
    for (const watcher of this.watchers) watcher.opened(watched);
    if (watched.isOver) this.over(watched); // Its signal was already aborted.
  }

  converted(conversion: object, kind: string, maker: Maker): void {
    const watched = new WatchedConversion(this.#nextId(), kind, callersOf(post.maker ?? maker));
    this.#subjects.set(conversion, watched);
  }

  waits(subject: object, wait: AdapterWait): () => void {
    const watched = this.#subjects.get(subject);
    if (watched === undefined) return () => {}; // Made before the watch began.
    const end = watched.begin(wait);
    this.began();
    if (watched instanceof WatchedPipe) return end;
    this.#waitingConversions.add(watched);
    return () => {
      end();
      if (watched.waiting.size === 0) this.#waitingConversions.delete(watched);
    };
  }

  began(): void {
    for (const watcher of this.watchers) watcher.began();
  }

  over(pipe: WatchedPipe): void {
    if (!this.#live.delete(pipe)) return;
    const report = pipe.report();
    void Promise.resolve().then(() => {
      for (const watcher of this.watchers) watcher.closed(report);
    });
  }

  lost(pipe: WatchedPipe, end: Side): void {
    const known = this.#losses.get(pipe);
    if (known !== undefined) {
      if (!known.includes(end)) known.push(end);
      return;
    }
    const ends = [end];
    this.#losses.set(pipe, ends);
    const report = pipe.report();
    const tell = (): void => {
      if (!this.#unreported.delete(tell)) return;
      const loss = { pipe: report, ends: SIDES.filter((side) => ends.includes(side)) };
      for (const watcher of this.watchers) watcher.leaked({ ...loss, explanation: explainLoss(loss) });
    };
    this.#unreported.add(tell);
    inTurns(TURNS_TO_FIND_THE_OTHER, tell);
  }

  refused(pipe: WatchedPipe, error: unknown): void {
    if (typeof error === "object" && error !== null) this.#errors.set(error, pipe);
  }

  /** The pipe that rejected a call with `error`. */
  pipeOf(error: object): WatchedPipe | undefined {
    return this.#errors.get(error);
  }

  /** Reports all leaks that are known now, without delay. */
  tellLosses(): void {
    for (const pipe of this.#live) pipe.findLostEnds();
    for (const tell of this.#unreported) tell();
  }

  /** Stops recording and releases all pipes. */
  close(): void {
    for (const pipe of this.#live) pipe.release();
    this.#live.clear();
    this.#waitingConversions.clear();
  }

  #nextId(): number {
    this.#lastId += 1;
    return this.#lastId;
  }
}

function inTurns(turns: number, callback: () => void): void {
  laterTurn(turns === 1 ? callback : () => inTurns(turns - 1, callback));
}
