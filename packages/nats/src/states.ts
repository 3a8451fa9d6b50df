// The states of the two ends, and every allowed step between them. An end changes its state only through `transition`,
// which throws for any other step.

/**
 * The writing end, once its session is attached.
 *
 * - `flowing`: frames are published as they are made. Each names the sequence that it must follow.
 * - `repairing`: it is unknown which frames the server has. The writer first reads the server's last frame and the record.
 * - `done`: according to the record, the reader has everything.
 * - `failed`: another writer took over, the reader closed or was lost, the server rejected a frame, or the connection closed.
 */
export type WriterState = "flowing" | "repairing" | "done" | "failed";

export const writerSteps: Steps<WriterState> = {
  flowing: ["repairing", "done", "failed"],
  repairing: ["flowing", "done", "failed"],
  done: [],
  failed: [],
};

/**
 * The reading end, once its session is in the record.
 *
 * - `starting`: its consumer is being created, again after a reconnect, a gap or silence.
 * - `flowing`: frames come in.
 * - `ended`: the end or the writer's error has come in, after every byte. The consumer still has to read the bytes.
 * - `done`, `closed`, `lost`: the record has this state, and the data stream is deleted.
 * - `failed`: another reader took over, bytes are missing on the server, or the connection closed. The record stays as it is.
 */
export type ReaderState = "starting" | "flowing" | "ended" | "done" | "closed" | "lost" | "failed";

export const readerSteps: Steps<ReaderState> = {
  starting: ["flowing", "closed", "lost", "failed"],
  flowing: ["starting", "ended", "closed", "lost", "failed"],
  ended: ["done", "closed", "failed"],
  done: [],
  closed: [],
  lost: [],
  failed: [],
};

export type Steps<State extends string> = Readonly<Record<State, readonly State[]>>;

/**
 * Checks that the step from `from` to `to` is allowed, and returns `to`.
 *
 * @throws {Error} If it is not allowed, which is a bug of this package.
 */
export function transition<State extends string>(steps: Steps<State>, from: State, to: State): State {
  if (!steps[from].includes(to))
    throw new Error(`Cannot go from "${from}" to "${to}": there is no such step`);
  return to;
}
