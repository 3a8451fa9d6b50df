import type { Pipe } from "./pipe.ts";

/** A pending call in an adapter, which waits for something other than a pipe. */
export interface AdapterWait {
  /** The side that the call belongs to: `"reader"` for a read. */
  readonly side: "reader" | "writer";
  /** The name of the pending method: `"read"`, `"write"`, … */
  readonly operation: string;
  /** The reason for the wait, as text for reports: `"for the stream to drain"`. */
  readonly waitsFor: string;
  /** The waiting thread, as text for reports: `"thread 3"`. Absent if it is the thread of the observer. */
  readonly thread?: string | undefined;
}

/** A function that makes a pipe or a conversion. A report shows the stack above it as the place of creation. */
export type Maker = (...args: never[]) => unknown;

/** Notified of every new pipe and conversion, and of waits in adapters, while a watch is on. */
export interface Observer {
  /** A pipe was made, by `maker`. */
  opened(pipe: Pipe, maker: Maker): void;
  /**
   * A conversion that contains no pipe was made.
   *
   * @param conversion The object that the caller received. The observer holds it weakly.
   */
  converted(conversion: object, kind: string, maker: Maker): void;
  /**
   * A call began to wait outside any pipe. Returns a function to call when the wait is over.
   *
   * @param subject A conversion, or a `PipeReader` or `PipeWriter` if the wait concerns its pipe.
   */
  waits(subject: object, wait: AdapterWait): () => void;
}

/** Holds the registered observer. */
export interface Post {
  /** `undefined` while no watch is on. */
  observer: Observer | undefined;
  /** The adapter function that is making a pipe now. Reports use it as the maker instead of `pipe()`. */
  maker?: Maker | undefined;
}

/*
 * All copies of this package in a program share one post, so that a watch sees the pipes of each copy. The number in its
 * name is the version of the interfaces above and of the members of a pipe that an observer uses. Copies with different
 * versions do not see each other's pipes.
 */
const NAME = Symbol.for("pipe512.observer.2");

export const post: Post = ((globalThis as { [NAME]?: Post })[NAME] ??= { observer: undefined });
