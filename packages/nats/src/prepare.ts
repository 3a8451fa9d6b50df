import { jetstreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/nats-core";
import { recordsConfig, requireConnection, requireInteger } from "./settings.ts";
import { codeOf } from "./store.ts";

/** Options of {@link prepareNatsPipes}. */
export interface PrepareOptions {
  /**
   * Where the server keeps the records.
   *
   * @default {"file"}
   */
  readonly storage?: "file" | "memory" | undefined;
  /**
   * The number of servers in a cluster that keep the records, 1 to 5.
   *
   * @default {1}
   */
  readonly replicas?: number | undefined;
}

const STREAM_EXISTS = 10_058;

/**
 * Creates the stream that has one record for each pipe. Call it once for an account. If the stream exists, nothing changes.
 *
 * @throws {TypeError | RangeError} If the connection or an option is of the wrong type, or out of range.
 * @throws {Error} If the server has no JetStream, or rejects the request.
 */
export async function prepareNatsPipes(
  connection: NatsConnection,
  options: PrepareOptions = {},
): Promise<void> {
  requireConnection(connection);
  const { storage = "file", replicas = 1 } = options;
  requireInteger("replicas", replicas, 1, 5);
  const manager = await jetstreamManager(connection, { checkAPI: false });
  try {
    await manager.streams.add(recordsConfig(storage, replicas));
  } catch (error) {
    if (codeOf(error) !== STREAM_EXISTS) throw error;
  }
}
