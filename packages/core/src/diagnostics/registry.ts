import type { Side } from "../errors.ts";
import { laterTurn } from "../pipe/later-turn.ts";
import type { Observer } from "../pipe/observer.ts";
import type { Operation } from "../pipe/operation.ts";
import type { Pipe } from "../pipe/pipe.ts";
import { explainLoss } from "./explanation.ts";
import { callersOf } from "./platform.ts";
import type { LeakReport, PipeReport } from "./report.ts";
import { type Listener, WatchedPipe } from "./watched-pipe.ts";

const SIDES: readonly Side[] = ["reader", "writer"];

/** The other end is often lost with the first, and found a turn or two of the event loop later: each `FinalizationRegistry` has its own. */
const TURNS_TO_FIND_THE_OTHER = 4;

/** What a watch is told by the registry. Nothing here is called inside the step of a pipe, but for `began`. */
export interface Watcher {
  opened(pipe: WatchedPipe): void;
  began(pipe: WatchedPipe, operation: Operation): void;
  closed(report: PipeReport): void;
  leaked(report: LeakReport): void;
}

/** The pipes that were made under watch and are not over. There is one registry while anybody watches, whichever copy of this package made it. */
export class Registry implements Observer, Listener {
  readonly watchers: Set<Watcher> = new Set();
  readonly #live = new Set<WatchedPipe>();
  /** Pipes of which an end was lost. Each is reported once. */
  readonly #losses = new WeakMap<WatchedPipe, Side[]>();
  #lastId = 0;

  get pipes(): ReadonlySet<WatchedPipe> {
    return this.#live;
  }

  opened(pipe: Pipe, maker: (...args: never[]) => unknown): void {
    this.#lastId += 1;
    const watched = new WatchedPipe(this.#lastId, pipe, callersOf(maker), this);
    this.#live.add(watched);
    for (const watcher of this.watchers) watcher.opened(watched);
    if (watched.isOver) this.over(watched); // It was born aborted.
  }

  converted(): void {}

  waits(): () => void {
    return () => {};
  }

  began(pipe: WatchedPipe, operation: Operation): void {
    for (const watcher of this.watchers) watcher.began(pipe, operation);
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
      known.push(end);
      return;
    }
    const ends = [end];
    this.#losses.set(pipe, ends);
    const report = pipe.report();
    inTurns(TURNS_TO_FIND_THE_OTHER, () => {
      const loss = { pipe: report, ends: SIDES.filter((side) => ends.includes(side)) };
      for (const watcher of this.watchers) watcher.leaked({ ...loss, explanation: explainLoss(loss) });
    });
  }

  /** Lets go of all pipes. */
  close(): void {
    for (const pipe of this.#live) pipe.release();
    this.#live.clear();
  }
}

function inTurns(turns: number, callback: () => void): void {
  laterTurn(turns === 1 ? callback : () => inTurns(turns - 1, callback));
}
