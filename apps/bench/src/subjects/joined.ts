import type { Channel, Open, Sink } from "./channel.ts";
import type { Load } from "./load.ts";

/** The side of a channel that is written. `inlets.ts` has one for each kind of writer. */
export interface Inlet {
  /** Bytes that it got rid of so far. */
  readonly bytes: number;
  send(load: Load): Promise<void>;
  write(bytes: Uint8Array): Promise<unknown>;
  end(): unknown;
}

/** The side of a channel that is read. `outlets.ts` has one for each kind of reader. */
export interface Outlet {
  /** Bytes that were read so far. */
  readonly bytes: number;
  receive(sink: Sink): Promise<void>;
  /** Absent where a consumer is called and does not ask. */
  read?(): Promise<number | null>;
  cancel(): unknown;
}

/** What is made for each channel. */
export interface Sides {
  readonly inlet: Inlet;
  readonly outlet: Outlet;
}

/**
 * A channel of two sides, each in the idiom of its kind. Their loops may be shared by contenders: each is measured in a
 * process of its own, where the engine sees no other.
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

/** @param make Makes the two sides of a fresh channel. */
export const joined =
  (make: (readBytes: number) => Sides): Open =>
  ({ readBytes }) =>
    new Joined(make(readBytes));
