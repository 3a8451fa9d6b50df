import { headers, type MsgHdrs } from "@nats-io/nats-core";

// The format of everything that is sent over the network. No other file of this package uses a subject, a header or a JSON field.

/** The stream that has one record for each pipe. */
export const RECORDS = "P512";
/** The only consumer of a pipe's data stream. Its name is fixed, so that a new reader replaces the consumer of a killed one. */
export const CONSUMER = "r";
/** The records in {@link RECORDS}. */
export const RECORD_SUBJECTS = "p512.r.*";

const FRAME = "P512";
const MESSAGE_ID = "Nats-Msg-Id";
const EXPECTED_SEQUENCE = "Nats-Expected-Last-Sequence";
const EXPECTED_MESSAGE_ID = "Nats-Expected-Last-Msg-Id";
const EXPECTED_SUBJECT_SEQUENCE = "Nats-Expected-Last-Subject-Sequence";

export const dataStream = (name: string): string => `P512_${name}`;
export const dataSubject = (name: string, pid: string): string => `p512.d.${name}.${pid}`;
export const recordSubject = (name: string): string => `p512.r.${name}`;
export const heartbeatSubject = (name: string, pid: string, side: "w" | "r"): string =>
  `p512.h.${name}.${pid}.${side}`;

/** The name of the pipe that a data stream belongs to, if it is one. */
export const nameOfStream = (stream: string): string | undefined =>
  stream.startsWith("P512_") ? stream.slice(5) : undefined;

/** The last part of the only subject of a data stream. */
export const pidOf = (subject: string | undefined): string => subject?.split(".")[3] ?? "";

/** One opening of one end. Later openings have a higher `order`. On the wire: `3.Vk8s…`. */
export interface Session {
  readonly order: number;
  readonly id: string;
}

const sessionText = ({ order, id }: Session): string => `${order}.${id}`;

function parseSession(text: string | undefined): Session | undefined {
  const [, order, id] = /^(\d+)\.([A-Za-z0-9]+)$/.exec(text ?? "") ?? [];
  return id === undefined ? undefined : { order: Number(order), id };
}

export type FrameKind = "attach" | "data" | "end" | "error";

const codes: Record<FrameKind, string> = { attach: "a", data: "d", end: "e", error: "x" };
const kinds: Record<string, FrameKind> = { a: "attach", d: "data", e: "end", x: "error" };

/** The contents of the header of a data message: `P512: d,3.Vk8s…,1048576`. */
export interface FrameHead {
  readonly kind: FrameKind;
  readonly session: Session;
  /** The position of the first byte in the whole stream of the pipe. */
  readonly offset: number;
}

/**
 * The headers of a frame that the server stores only directly after one message: the one with the sequence or the id
 * `after`. A sequence alone is not enough for frames that are published without waiting for responses. If a foreign frame
 * takes the place of the first frame, the second one still finds the sequence that it expects.
 */
export function frameHeaders(
  { kind, session, offset }: FrameHead,
  id: string,
  after: number | string,
): MsgHdrs {
  const hdrs = headers();
  hdrs.set(FRAME, `${codes[kind]},${sessionText(session)},${offset}`);
  hdrs.set(MESSAGE_ID, id);
  hdrs.set(typeof after === "number" ? EXPECTED_SEQUENCE : EXPECTED_MESSAGE_ID, String(after));
  return hdrs;
}

/** The id of a frame: the session, its epoch, and the number in that epoch. No id is used twice. */
export const frameId = (session: Session, epoch: number, number: number): string =>
  `${session.id}.${epoch}.${number}`;

export function parseFrame(hdrs: MsgHdrs | undefined): FrameHead | undefined {
  const [code = "", session, offset] = hdrs?.get(FRAME).split(",") ?? [];
  const parsed = parseSession(session);
  const kind = kinds[code];
  if (kind === undefined || parsed === undefined || !/^\d+$/.test(offset ?? "")) return undefined;
  return { kind, session: parsed, offset: Number(offset) };
}

/** `open` until one of the others: all bytes read (`done`), closed by the reader, or abandoned because the writer was lost. */
export type PipeState = "open" | "done" | "closed" | "lost";

/** The reader's state of a pipe, stored on the server. */
export interface PipeRecord {
  readonly pid: string;
  readonly session: Session;
  /** The number of bytes that the reader has finished with. */
  readonly pos: number;
  readonly state: PipeState;
  readonly error?: ErrorText | undefined;
}

export function recordHeaders(after: number): MsgHdrs {
  const hdrs = headers();
  hdrs.set(EXPECTED_SUBJECT_SEQUENCE, String(after));
  return hdrs;
}

export function recordBytes({ pid, session, pos, state, error }: PipeRecord): string {
  return JSON.stringify({ v: 1, pid, sid: sessionText(session), pos, state, err: error });
}

/** @throws {Error} If another version of this package wrote it. */
export function parseRecord(bytes: Uint8Array): PipeRecord {
  const { v, pid, sid, pos, state, err } = parseJson(bytes);
  const session = parseSession(sid as string);
  if (v !== 1 || session === undefined) {
    throw new Error(
      `Cannot use the record of a pipe: it has version ${String(v)}, not 1; use one version of @pipe512/nats on both sides`,
    );
  }
  return {
    pid: pid as string,
    session,
    pos: pos as number,
    state: state as PipeState,
    error: err as ErrorText,
  };
}

/** The writer's state, published at each tick for a reader that is connected. */
export interface WriterBeat {
  /** The number of bytes that the server has stored. */
  readonly stored: number;
  /** Whether it has stored the end as well. */
  readonly ended: boolean;
}

export const writerBeat = ({ stored, ended }: WriterBeat): string => JSON.stringify({ stored, ended });
export const parseWriterBeat = (bytes: Uint8Array): WriterBeat => parseJson(bytes) as unknown as WriterBeat;

/** The reader's state, published at each tick. `pos` is the position in its stored record. */
export interface ReaderBeat {
  readonly session: Session;
  readonly pos: number;
}

export const readerBeat = ({ session, pos }: ReaderBeat): string =>
  JSON.stringify({ sid: sessionText(session), pos });

export function parseReaderBeat(bytes: Uint8Array): ReaderBeat | undefined {
  const { sid, pos } = parseJson(bytes);
  const session = parseSession(sid as string);
  return session === undefined ? undefined : { session, pos: pos as number };
}

/** The part of an error that reaches the other side. */
export interface ErrorText {
  readonly name: string;
  readonly message: string;
  readonly code?: string | undefined;
  readonly side?: "reader" | "writer" | undefined;
}

export const errorBytes = (error: ErrorText): Uint8Array => new TextEncoder().encode(JSON.stringify(error));
export const parseError = (bytes: Uint8Array): ErrorText => parseJson(bytes) as unknown as ErrorText;

/** The server's response to a publish. */
export type Answer =
  | { readonly sequence: number }
  | { readonly status: number; readonly code: number; readonly description: string };

export function parseAnswer(bytes: Uint8Array, hdrs: MsgHdrs | undefined): Answer {
  // If no stream has the subject, a header states that, and the body is empty.
  if (bytes.length === 0)
    return { status: hdrs?.code ?? 503, code: 0, description: hdrs?.description ?? "no answer" };
  const { seq, error } = parseJson(bytes) as { seq: number; error?: Record<string, unknown> };
  if (error === undefined) return { sequence: seq };
  return {
    status: Number(error["code"]),
    code: Number(error["err_code"]),
    description: String(error["description"]),
  };
}

function parseJson(bytes: Uint8Array): Record<string, unknown> {
  return JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>;
}
