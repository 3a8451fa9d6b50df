import { type JetStreamManager, jetstreamManager, type StreamInfo } from "@nats-io/jetstream";
import { ANSWER_MS, type Link, OutageError } from "./link.ts";
import { dataConfig, type Settings } from "./settings.ts";
import {
  CONSUMER,
  dataStream,
  dataSubject,
  type FrameHead,
  type PipeRecord,
  parseFrame,
  parseRecord,
  RECORDS,
  recordSubject,
} from "./wire.ts";

const CONSUMER_NOT_FOUND = 10_014;
const STREAM_EXISTS = 10_058;
const STREAM_NOT_FOUND = 10_059;
const WRONG_MESSAGE_ID = 10_070;
const WRONG_SEQUENCE = 10_071;

/** Whether the server rejected a message because it does not follow the message that it names. */
export const isOutOfPlace = (code: number): boolean => code === WRONG_SEQUENCE || code === WRONG_MESSAGE_ID;

/** A record, with its sequence in the stream of records. */
export interface StoredRecord extends PipeRecord {
  readonly sequence: number;
}

/** The last message of a data stream. A stream whose messages were deleted keeps its sequence. */
export interface LastFrame {
  readonly sequence: number;
  readonly head: FrameHead | undefined;
  /** The position after its last byte; 0 if there is no message. */
  readonly end: number;
}

/** The data of one pipe on the server: its record and its data stream. */
export class Store {
  readonly #link: Link;
  readonly #manager: JetStreamManager;
  readonly #name: string;

  static async open(link: Link, name: string): Promise<Store> {
    const manager = await jetstreamManager(link.connection, { checkAPI: false, timeout: ANSWER_MS });
    return new Store(link, manager, name);
  }

  private constructor(link: Link, manager: JetStreamManager, name: string) {
    this.#link = link;
    this.#manager = manager;
    this.#name = name;
  }

  /** @throws {Error} If `prepareNatsPipes` was never called. */
  async record(): Promise<StoredRecord | undefined> {
    try {
      const query = { last_by_subj: recordSubject(this.#name) };
      const message = await this.#link.call(() => this.#manager.streams.getMessage(RECORDS, query));
      return message === null ? undefined : { ...parseRecord(message.data), sequence: message.seq };
    } catch (error) {
      if (codeOf(error) !== STREAM_NOT_FOUND) throw error;
      throw new Error(
        `Cannot look up pipe "${this.#name}": the server has no stream ${RECORDS}; call prepareNatsPipes(connection) once`,
        { cause: error },
      );
    }
  }

  stream(): Promise<StreamInfo | undefined> {
    return this.#orMissing(this.#link.call(() => this.#manager.streams.info(dataStream(this.#name))));
  }

  /** The data stream. Creates it if it is missing. */
  async ensureStream(pid: string, settings: Settings): Promise<StreamInfo> {
    const found = await this.stream();
    if (found !== undefined) return found;
    try {
      return await this.#link.call(() => this.#manager.streams.add(dataConfig(this.#name, pid, settings)));
    } catch (error) {
      const created = codeOf(error) === STREAM_EXISTS ? await this.stream() : undefined;
      if (created === undefined) throw error;
      return created;
    }
  }

  /** The last frame; `undefined` if there is no stream. */
  async last(pid: string): Promise<LastFrame | undefined> {
    const stream = dataStream(this.#name);
    const query = { last_by_subj: dataSubject(this.#name, pid) };
    const message = await this.#orMissing(
      this.#link.call(() => this.#manager.streams.getMessage(stream, query)),
    );
    if (message === undefined) return undefined;
    if (message === null) {
      const info = await this.stream();
      return info && { sequence: info.state.last_seq, head: undefined, end: 0 };
    }
    const head = parseFrame(message.header);
    const end = head === undefined ? 0 : head.offset + (head.kind === "data" ? message.data.length : 0);
    return { sequence: message.seq, head, end };
  }

  /** Makes the server push all stored and later messages to `inbox`. An earlier consumer ends. */
  async consume(inbox: string): Promise<void> {
    const stream = dataStream(this.#name);
    await this.#orMissing(this.#link.call(() => this.#manager.consumers.delete(stream, CONSUMER)));
    const config = {
      name: CONSUMER,
      deliver_subject: inbox,
      deliver_policy: "all" as const,
      ack_policy: "none" as const,
      replay_policy: "instant" as const,
      inactive_threshold: 30e9,
      mem_storage: true,
      num_replicas: 1,
    };
    await this.#link.call(() => this.#manager.consumers.add(stream, config));
  }

  async deleteStream(): Promise<void> {
    await this.#orMissing(this.#link.call(() => this.#manager.streams.delete(dataStream(this.#name))));
  }

  async #orMissing<T>(answer: Promise<T>): Promise<T | undefined> {
    try {
      return await answer;
    } catch (error) {
      const code = codeOf(error);
      if (code === STREAM_NOT_FOUND || code === CONSUMER_NOT_FOUND) return undefined;
      throw error;
    }
  }
}

/** The server's own number for an error, such as 10,059; 0 for an error that does not come from the server. */
export function codeOf(error: unknown): number {
  const { code } = Object(error) as { readonly code?: unknown };
  return typeof code === "number" ? code : 0;
}

/** Whether the same request may succeed later, because the server did not respond or is not ready. */
export function isTransient(error: unknown): boolean {
  if (error instanceof OutageError || codeOf(error) === STREAM_NOT_FOUND) return true;
  const { name, status, cause } = Object(error) as Record<string, unknown>;
  return (
    notAnswered.has(String(name)) || notAnswered.has(String(Object(cause).name)) || isBusy(Number(status))
  );
}

/** The names of nats.js for the errors of a server that does not respond, or has no JetStream yet. */
const notAnswered = new Set(["TimeoutError", "NoResponders", "JetStreamNotEnabled"]);

/** Whether a status means that the server is not ready, or overloaded. */
export function isBusy(status: number): boolean {
  return status === 503 || status === 429 || status === 408;
}
