// The states of the two ends, and every way from one to another. An end moves by `transition` alone, so a step that is
// not here is found when it is made.

/**
 * The writing end, once its session is attached.
 *
 * - `flowing`: frames are published as they are made, each with the sequence it must follow.
 * - `repairing`: it is unclear what the server has. Nothing is published until the server's last frame and the record are read.
 * - `done`: the record says that the reader has everything.
 * - `failed`: another writer took over, the reader closed or was lost, the server refused a frame, or the connection closed.
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
 * - `starting`: its consumer is being made, anew after a reconnect, a gap or silence.
 * - `flowing`: frames come in.
 * - `ended`: the end or the writer's error has come in, after every byte. The consumer still has to take them.
 * - `done`, `closed`, `lost`: the record says so, and the data stream is deleted.
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
 * Checks that there is a step from `from` to `to`, and returns `to`.
 *
 * @throws {Error} If there is none, which is a fault of this package.
 */
export function transition<State extends string>(steps: Steps<State>, from: State, to: State): State {
  if (!steps[from].includes(to))
    throw new Error(`Cannot go from "${from}" to "${to}": there is no such step`);
  return to;
}
