import type { AdapterWait } from "../pipe/observer.ts";
import { describeAdapterWait } from "./explanation.ts";
import { now } from "./platform.ts";
import type { PipeReport } from "./report.ts";
import { WaitList, type Watched } from "./waiting.ts";

/** The record of a conversion without a pipe. It does not refer to the conversion, which stays collectable. */
export class WatchedConversion implements Watched {
  readonly waiting: WaitList = new WaitList();
  readonly #id: number;
  readonly #kind: string;
  readonly #stack: string;
  readonly #madeAt: number = now();

  constructor(id: number, kind: string, stack: string) {
    this.#id = id;
    this.#kind = kind;
    this.#stack = stack;
  }

  /** Adds a pending call. Returns a function that removes it. */
  begin(wait: AdapterWait): () => void {
    return this.waiting.add({
      side: wait.side,
      since: now(),
      hasItsTurn: () => true,
      describe: (waitingMs) => describeAdapterWait(undefined, wait, waitingMs),
    });
  }

  report(): PipeReport {
    const at = now();
    return {
      id: this.#id,
      name: undefined,
      conversion: this.#kind,
      ageMs: at - this.#madeAt,
      reader: "open",
      writer: "open",
      bytesInRing: 0,
      bytesWritten: 0,
      bytesRead: 0,
      waiting: this.waiting.describe(at),
      waitedMs: this.waiting.waitedMs(at),
      stack: this.#stack,
    };
  }
}
