import type { Channel, Open, Sink } from "./channel.ts";
import type { Load } from "./load.ts";

/** The writing side of a channel. `inlets.ts` has one for each kind of writer. */
export interface Inlet {
  /** Bytes that were accepted so far. */
  readonly bytes: number;
  send(load: Load): Promise<void>;
  write(bytes: Uint8Array): Promise<unknown>;
  end(): unknown;
}

/** The reading side of a channel. `outlets.ts` has one for each kind of reader. */
export interface Outlet {
  /** Bytes that were read so far. */
  readonly bytes: number;
  receive(sink: Sink): Promise<void>;
  /** Absent if the consumer is called back and does not pull. */
  read?(): Promise<number | null>;
  cancel(): unknown;
}

/** What is made for each channel. */
export interface Sides {
  readonly inlet: Inlet;
  readonly outlet: Outlet;
}

/**
 * A channel of two sides, each in the idiom of its kind. Implementations may share the loops of the sides, because each is
 * measured in its own process, where the engine runs no other implementation.
 */
class Joined implements Channel {
  readonly #inlet: Inlet;
  readonly #outlet: Outlet;
  readonly read?: () => Promise<number | null>;

  constructor({ inlet, outlet }: Sides) {
    this.#inlet = inlet;
    this.#outlet = outlet;
    if (outlet.read !== undefined) this.read = outlet.read.bind(outlet);
  }

  send(load: Load): Promise<void> {
    return this.#inlet.send(load);
  }

  receive(sink: Sink): Promise<void> {
    return this.#outlet.receive(sink);
  }

  held(): number {
    return this.#inlet.bytes - this.#outlet.bytes;
  }

  write(bytes: Uint8Array): Promise<unknown> {
    return this.#inlet.write(bytes);
  }

  end(): unknown {
    return this.#inlet.end();
  }

  cancel(): unknown {
    return this.#outlet.cancel();
  }
}

/** @param make Makes the two sides of a new channel. */
export const joined =
  (make: (readBytes: number) => Sides): Open =>
  ({ readBytes }) =>
    new Joined(make(readBytes));
