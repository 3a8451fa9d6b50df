import { nuid } from "@nats-io/nats-core";
import { ClosedPipeError } from "@pipe512/core";
import { errorFrom } from "./errors.ts";
import type { Link } from "./link.ts";
import { described, type Settings } from "./settings.ts";
import { isBusy, isOutOfPlace, isTransient, type LastFrame, type Store, type StoredRecord } from "./store.ts";
import {
  dataSubject,
  frameHeaders,
  frameId,
  type PipeRecord,
  type PipeState,
  parseAnswer,
  pidOf,
  recordBytes,
  recordHeaders,
  recordSubject,
  type Session,
} from "./wire.ts";

/** A pipe that was found or created. */
interface Found {
  readonly pid: string;
  readonly record: StoredRecord | undefined;
  /** The number of messages in its data stream. */
  readonly messages: number;
}

/** The state that a writer starts from. */
export interface OpenedWriter extends Found {
  readonly session: Session;
  /** The last frame before the session's own frames. */
  readonly last: LastFrame;
  /** The sequence of the session's attach frame. `undefined` if an earlier session has ended the stream. */
  readonly sequence: number | undefined;
  readonly position: number;
}

/** The state that a reader starts from. */
export interface OpenedReader {
  readonly pid: string;
  readonly record: StoredRecord;
}

const newId = (): string => nuid.next();

/**
 * Repeats `step` until it returns a value. The server may be starting, or another session may have interfered.
 *
 * @throws The error of `step`. A temporary error is thrown only after `forMs` milliseconds.
 */
async function patiently<T>(
  forMs: number,
  signal: AbortSignal | undefined,
  step: () => Promise<T | undefined>,
): Promise<T> {
  const began = Date.now();
  for (let attempt = 0; ; attempt++) {
    signal?.throwIfAborted();
    try {
      const result = await step();
      if (result !== undefined) return result;
    } catch (error) {
      if (!isTransient(error) || Date.now() - began > forMs) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, Math.min(20 * 2 ** attempt, 500)));
  }
}

/**
 * Finds the pipe, or creates it.
 *
 * @throws {ClosedPipeError} If it has ended: a name is used once.
 * @throws {RangeError} If the other side has created it with other options.
 */
async function find(store: Store, name: string, settings: Settings, attempt: string): Promise<Found> {
  const record = await store.record();
  if (record !== undefined && record.state !== "open") throw endedError(record.state, record, name, attempt);
  const info = await store.ensureStream(record?.pid ?? newId(), settings);
  const { description = "none", subjects } = info.config;
  if (description !== described(settings))
    throw new RangeError(
      `Cannot ${attempt}: pipe "${name}" was made with "${description}", and this side has "${described(settings)}"; give both sides the same options`,
    );
  const pid = pidOf(subjects[0]);
  if (record !== undefined && record.pid !== pid)
    throw new Error(`Cannot ${attempt}: pipe "${name}" was deleted and made again; use another name`);
  return { pid, record, messages: info.state.messages };
}

/** The error for a pipe that has ended according to its record. Its `cause` is the error that an end was closed with. */
function endedError(
  state: Exclude<PipeState, "open">,
  { pos, error }: PipeRecord,
  name: string,
  attempt: string,
): ClosedPipeError {
  const hows = {
    done: error === undefined ? "all of its bytes were read" : "its writer closed with an error",
    closed: "its reader closed",
    lost: "its writer was lost",
  };
  return new ClosedPipeError(
    `Cannot ${attempt}: pipe "${name}" has ended at ${pos}: ${hows[state]}; a name is used once`,
    {
      side: state === "lost" ? "writer" : "reader",
      operation: "open",
      bytesWritten: pos,
      ...(error !== undefined && { cause: errorFrom(error) }),
    },
  );
}

/** Makes a new session the owner of the data stream. The server accepts its attach frame only directly after the last frame. */
export async function attachWriter(
  link: Link,
  store: Store,
  name: string,
  settings: Settings,
  signal: AbortSignal | undefined,
): Promise<OpenedWriter> {
  const attempt = `open the writer of "${name}"`;
  const id = newId();
  return patiently(settings.lease, signal, async () => {
    const { pid, record, messages } = await find(store, name, settings, attempt);
    const last = await store.last(pid);
    if (last === undefined) return undefined;
    const position = Math.max(last.end, record?.pos ?? 0);
    const opened = { pid, last, position, messages };
    const { head } = last;
    if (head?.session.id === id)
      return finished(store, name, attempt, {
        ...opened,
        session: head.session,
        sequence: last.sequence + 1,
      });
    if (head?.kind === "end" || head?.kind === "error")
      return finished(store, name, attempt, { ...opened, session: head.session, sequence: undefined });
    const session = { order: (head?.session.order ?? 0) + 1, id };
    const attach = { kind: "attach" as const, session, offset: position };
    const headers = frameHeaders(attach, frameId(session, 0, -1), last.sequence);
    const { data, headers: status } = await link.request(dataSubject(name, pid), "", { headers });
    const sequence = accepted(parseAnswer(data, status), attempt);
    if (sequence === undefined) return undefined;
    return finished(store, name, attempt, { ...opened, session, sequence });
  });
}

/** While the pipe was opened, a reader may have ended it and another end may have created the stream again. */
async function finished(
  store: Store,
  name: string,
  attempt: string,
  opened: Omit<OpenedWriter, "record">,
): Promise<OpenedWriter> {
  const record = await store.record();
  if (record === undefined || record.state === "open")
    return { ...opened, record, position: Math.max(opened.position, record?.pos ?? 0) };
  await store.deleteStream();
  throw endedError(record.state, record, name, attempt);
}

/** Puts a new session into the record. Records `from` at once, because a writer may wait for that room. */
export async function attachReader(
  link: Link,
  store: Store,
  name: string,
  settings: Settings,
  from: number | undefined,
  signal: AbortSignal | undefined,
): Promise<OpenedReader> {
  const attempt = `open the reader of "${name}"`;
  const id = newId();
  return patiently(settings.lease, signal, async () => {
    const { pid, record: earlier } = await find(store, name, settings, attempt);
    if (earlier?.session.id === id) return { pid, record: earlier };
    const pos = from ?? earlier?.pos ?? 0;
    if (earlier !== undefined && pos < earlier.pos)
      throw new RangeError(
        `from must be at least ${earlier.pos}, up to which pipe "${name}" was committed; got ${pos}`,
      );
    const session = { order: (earlier?.session.order ?? 0) + 1, id };
    const record: PipeRecord = { pid, session, pos, state: "open" };
    const headers = recordHeaders(earlier?.sequence ?? 0);
    const message = await link.request(recordSubject(name), recordBytes(record), { headers });
    const sequence = accepted(parseAnswer(message.data, message.headers), attempt);
    return sequence === undefined ? undefined : { pid, record: { ...record, sequence } };
  });
}

/**
 * The sequence that the server assigned; `undefined` if the caller should try again.
 *
 * @throws {Error} If the server rejects the message.
 */
function accepted(answer: ReturnType<typeof parseAnswer>, attempt: string): number | undefined {
  if ("sequence" in answer) return answer.sequence;
  if (isOutOfPlace(answer.code) || isBusy(answer.status)) return undefined;
  throw new Error(`Cannot ${attempt}: the server answered ${answer.code}, ${answer.description}`);
}
