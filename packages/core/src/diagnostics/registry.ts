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

/** The other end is often lost with the first, and found a turn or two of the event loop later: each `FinalizationRegistry` has its own. */
const TURNS_TO_FIND_THE_OTHER = 4;

/** What a watch is told by the registry. Nothing here is called inside the step of a pipe, but for `began`. */
export interface Watcher {
  opened(pipe: WatchedPipe): void;
  began(): void;
  closed(report: PipeReport): void;
  leaked(report: LeakReport): void;
}

/** The pipes and conversions that were made under watch and are not over. There is one registry while anybody watches, whichever copy of this package made it. */
export class Registry implements Observer, Listener {
  readonly watchers: Set<Watcher> = new Set();
  readonly #live = new Set<WatchedPipe>();
  /** Conversions in which a call waits. */
  readonly #waitingConversions = new Set<WatchedConversion>();
  /** What the ends of pipes and the conversions belong to. */
  readonly #subjects = new WeakMap<object, WatchedPipe | WatchedConversion>();
  /** The pipes that errors came from. */
  readonly #errors = new WeakMap<object, WatchedPipe>();
  /** Pipes of which an end was lost. Each is reported once. */
  readonly #losses = new WeakMap<WatchedPipe, Side[]>();
  /** Losses that are to be reported when the other end had its time to be found. */
  readonly #unreported = new Set<() => void>();
  #lastId = 0;

  /** Everything in which a call may wait. */
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
    if (watched.isOver) this.over(watched); // It was born aborted.
  }

  converted(conversion: object, kind: string, maker: Maker): void {
    const watched = new WatchedConversion(this.#nextId(), kind, callersOf(post.maker ?? maker));
    this.#subjects.set(conversion, watched);
  }

  waits(subject: object, wait: AdapterWait): () => void {
    const watched = this.#subjects.get(subject);
    if (watched === undefined) return () => {}; // It was made before the watch.
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

  /** The pipe that `error` came from. */
  pipeOf(error: object): WatchedPipe | undefined {
    return this.#errors.get(error);
  }

  /** Reports all losses that can be found now. */
  tellLosses(): void {
    for (const pipe of this.#live) pipe.findLostEnds();
    for (const tell of this.#unreported) tell();
  }

  /** Lets go of all pipes. */
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
