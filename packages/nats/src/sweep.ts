import { jetstreamManager, type StreamInfo } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/nats-core";
import { Link } from "./link.ts";
import { requireConnection, requireInteger } from "./settings.ts";
import { Store } from "./store.ts";
import { nameOfStream } from "./wire.ts";

/** Options of {@link sweepNatsPipes}. */
export interface SweepOptions {
  /** The minimum age of a pipe that no reader has opened, since its last write, in milliseconds, an integer of at least 0. */
  readonly olderThan: number;
}

/**
 * Deletes the bytes of pipes that no reader will read: those that have ended, and those without a record that are older
 * than `olderThan`. Resolves with their names.
 *
 * @throws {TypeError | RangeError} If the connection or an option is of the wrong type, or out of range.
 * @throws {Error} If the server does not answer, or rejects the request.
 */
export async function sweepNatsPipes(connection: NatsConnection, options: SweepOptions): Promise<string[]> {
  requireConnection(connection);
  const { olderThan } = options;
  requireInteger("olderThan", olderThan, 0, Number.MAX_SAFE_INTEGER);
  const manager = await jetstreamManager(connection, { checkAPI: false });
  const swept: string[] = [];
  for await (const stream of manager.streams.list()) {
    const name = nameOfStream(stream.config.name);
    if (name === undefined) continue;
    const store = await Store.open(Link.of(connection), name);
    const record = await store.record();
    const isUnwanted = record === undefined ? ageOf(stream) >= olderThan : record.state !== "open";
    if (!isUnwanted) continue;
    await store.deleteStream();
    swept.push(name);
  }
  return swept;
}

/** Milliseconds since the last write. For a stream without messages, milliseconds since it was created. */
function ageOf({ state, created }: StreamInfo): number {
  return Date.now() - Date.parse(state.messages > 0 ? state.last_ts : created);
}
