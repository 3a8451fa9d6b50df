import type { StreamConfig } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/nats-core";
import { dataStream, dataSubject, RECORD_SUBJECTS, RECORDS } from "./wire.ts";

/** Options of both ends. Both sides must give the same values. */
export interface NatsPipeOptions {
  /**
   * The maximum number of stored and unread bytes, an integer of at least 4,096. A frame counts as 256 bytes more than it carries.
   *
   * @default {1048576}
   */
  readonly window?: number | undefined;
  /**
   * The maximum number of bytes in one message, an integer from 512 to a quarter of `window`.
   *
   * @default The least of 131,072, `window` / 4 and the server's `max_payload` less 1,024.
   */
  readonly chunk?: number | undefined;
  /**
   * How long the other end may give no sign of life, in milliseconds, an integer of at least 300. While the server answers,
   * the end is lost after 5/3 of this time at the latest.
   *
   * @default {10000}
   */
  readonly lease?: number | undefined;
  /**
   * Where the server keeps the bytes.
   *
   * @default {"file"}
   */
  readonly storage?: "file" | "memory" | undefined;
  /**
   * The number of servers in a cluster that keep the bytes, 1 to 5.
   *
   * @default {1}
   */
  readonly replicas?: number | undefined;
  /** Aborting it rejects the opening, or closes the open end with `signal.reason`. */
  readonly signal?: AbortSignal | undefined;
}

export interface Settings {
  readonly window: number;
  readonly chunk: number;
  readonly lease: number;
  readonly storage: "file" | "memory";
  readonly replicas: number;
}

/** The most that a message costs the server beyond its payload. */
export const FRAME_COST = 256;

const KIB = 1024;
const SECOND = 1e9;
const DAY = 86_400 * SECOND;

/** @throws {TypeError | RangeError} If an option is of the wrong type, or out of range. */
export function settingsOf(options: NatsPipeOptions, connection: NatsConnection): Settings {
  const { window = 1024 * KIB, lease = 10_000, storage = "file", replicas = 1 } = options;
  requireInteger("window", window, 4 * KIB, 1024 * KIB * KIB);
  requireInteger("lease", lease, 300, 3_600_000);
  requireInteger("replicas", replicas, 1, 5);
  if (storage !== "file" && storage !== "memory")
    throw new TypeError(`storage must be "file" or "memory"; got ${shown(storage)}`);
  const maxPayload = (connection.info?.max_payload ?? 1024 * KIB) - KIB;
  const { chunk = Math.floor(Math.min(128 * KIB, window / 4, maxPayload)) } = options;
  requireInteger("chunk", chunk, 512, Math.floor(Math.min(window / 4, maxPayload)));
  return { window, chunk, lease, storage, replicas };
}

/** @throws {TypeError} If it is not a valid name of a pipe. */
export function requireName(name: unknown): asserts name is string {
  if (typeof name !== "string" || !/^[A-Za-z0-9_-]{1,64}$/.test(name))
    throw new TypeError(`name must be 1 to 64 of A-Z, a-z, 0-9, "_" and "-"; got ${shown(name)}`);
}

/** @throws {TypeError} If it is not a connection. */
export function requireConnection(connection: unknown): asserts connection is NatsConnection {
  const candidate = connection as Partial<NatsConnection> | null | undefined;
  if (typeof candidate?.request !== "function" || typeof candidate.status !== "function")
    throw new TypeError(`connection must be a connection of nats.js 3; got ${shown(connection)}`);
}

/** @throws {TypeError | RangeError} If it is not an integer from `least` to `most`. */
export function requireInteger(name: string, value: unknown, least: number, most: number): void {
  if (typeof value !== "number") throw new TypeError(`${name} must be a number; got ${shown(value)}`);
  if (!Number.isInteger(value) || value < least || value > most)
    throw new RangeError(`${name} must be an integer from ${least} to ${most}; got ${value}`);
}

/** @throws {TypeError} If it is neither an AbortSignal nor `undefined`. */
export function requireSignal(signal: unknown): asserts signal is AbortSignal | undefined {
  if (signal === undefined) return;
  const candidate = Object(signal) as Partial<AbortSignal>;
  if (typeof candidate.aborted !== "boolean" || typeof candidate.addEventListener !== "function")
    throw new TypeError(`signal must be an AbortSignal; got ${shown(signal)}`);
}

/** The data stream of a pipe. Its description contains the options, so that the other side can compare them. */
export function dataConfig(
  name: string,
  pid: string,
  settings: Settings,
): Partial<StreamConfig> & { name: string } {
  const { window, chunk, storage, replicas } = settings;
  return {
    name: dataStream(name),
    description: described(settings),
    subjects: [dataSubject(name, pid)],
    retention: "limits",
    // The server evicts only read bytes, because the writer keeps unread bytes within the window. The stream holds a quarter
    // more, because a server that crashes may restart with an older record than the writer has received.
    discard: "old",
    max_bytes: window + Math.ceil(window / 4) + chunk + 64 * KIB,
    max_age: 7 * DAY,
    max_msg_size: chunk + KIB,
    max_consumers: 1,
    deny_delete: true,
    duplicate_window: SECOND,
    storage,
    num_replicas: replicas,
  };
}

/** The stream of all records. */
export function recordsConfig(
  storage: "file" | "memory",
  replicas: number,
): Partial<StreamConfig> & { name: string } {
  return {
    name: RECORDS,
    subjects: [RECORD_SUBJECTS],
    retention: "limits",
    discard: "new",
    max_msgs_per_subject: 1,
    max_bytes: 64 * KIB * KIB,
    max_age: 7 * DAY,
    storage,
    num_replicas: replicas,
  };
}

export const described = ({ window, chunk, lease }: Settings): string =>
  `pipe512: window ${window}, chunk ${chunk}, lease ${lease}`;

/** Shows a value in the message of an error, in one short line. */
export function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value);
  if (value === null || value === undefined || typeof value === "number" || typeof value === "boolean")
    return String(value);
  return typeof value === "object" ? Object.prototype.toString.call(value) : `a ${typeof value}`;
}
