import type { Channel, Open, Sink } from "../subjects/channel.ts";
import { cut, RepeatedLoad } from "../subjects/load.ts";
import { turnsFor, watchUncaught } from "./platform.ts";
import type { Parameters, Scenario } from "./scenario.ts";

/** What happened to one side after the reader had left. */
type Aftermath = "ended" | "failed" | "never settled";

export interface CancelSample {
  /** The writer, which still had much to send. `failed` means that it was notified. */
  readonly writer: Aftermath;
  /** The reader that left. */
  readonly reader: Aftermath;
  /** The error that the writer got, if it got one. */
  readonly reason: string | null;
  /** Rejections that no code could have caught. */
  readonly unhandled: number;
  /** Accepted bytes that no reader will ever read. */
  readonly bytesLost: number;
}

/** The reader leaves after this many bytes. */
const READ_BYTES = 10_000;
const OFFERED_BYTES = 16 * 1024 * 1024;

/** A reader that leaves in the middle. Is its writer notified, and what stays pending? */
export class Cancel implements Scenario<CancelSample> {
  readonly #open: Open;
  readonly #chunks: readonly Uint8Array[];
  readonly #transfer: boolean;

  constructor(open: Open, file: Uint8Array, { chunkBytes = 512, transfer = false }: Parameters) {
    this.#open = open;
    this.#chunks = cut(file, chunkBytes, transfer);
    this.#transfer = transfer;
  }

  async warmUp(): Promise<void> {}

  async measure(milliseconds: number): Promise<CancelSample> {
    let unhandled = 0;
    const stop = watchUncaught(() => {
      unhandled += 1;
    });
    try {
      const [writer, reader, bytesLost] = await this.#leave(milliseconds);
      return { writer: writer.how, reason: writer.reason, reader: reader.how, unhandled, bytesLost };
    } finally {
      stop();
    }
  }

  async #leave(milliseconds: number): Promise<[Outcome, Outcome, number]> {
    const chunkBytes = this.#chunks[0]?.length ?? 1;
    const channel = this.#open({ readBytes: 65_536 });
    if (channel.cancel === undefined) throw new Error("It takes no part: its reader cannot leave");
    let bytes = 0;
    let left = false;
    const sink: Sink = {
      take: (_array, length) => {
        bytes += length;
        if (left || bytes < READ_BYTES) return;
        left = true;
        // Not from within the loop that still handles this chunk, and not later than a starved event loop would allow.
        queueMicrotask(() => void leave(channel));
      },
    };
    const receiving = channel.receive(sink);
    const sending = channel.send(new RepeatedLoad(this.#chunks, OFFERED_BYTES / chunkBytes, this.#transfer));
    const outcomes = await Promise.all([outcome(sending, milliseconds), outcome(receiving, milliseconds)]);
    return [...outcomes, channel.held()];
  }
}

async function leave(channel: Channel): Promise<void> {
  try {
    await channel.cancel?.();
  } catch {
    // If leaving fails, the outcome of the two sides shows it.
  }
}

interface Outcome {
  readonly how: Aftermath;
  readonly reason: string | null;
}

/** How a promise settles while the event loop runs for this long, which is enough for many microtasks and callbacks. */
function outcome(promise: Promise<void>, milliseconds: number): Promise<Outcome> {
  return Promise.race([
    promise.then(
      (): Outcome => ({ how: "ended", reason: null }),
      (error: unknown): Outcome => ({ how: "failed", reason: String(error) }),
    ),
    turnsFor(milliseconds).then((): Outcome => ({ how: "never settled", reason: null })),
  ]);
}
