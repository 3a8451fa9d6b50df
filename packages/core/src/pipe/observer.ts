import type { Pipe } from "./pipe.ts";

/** A call of an adapter that waits where no pipe sees it. */
export interface AdapterWait {
  /** Whose call it is: `"reader"` for a read. */
  readonly side: "reader" | "writer";
  /** The method that waits: `"read"`, `"write"`, … */
  readonly operation: string;
  /** What it waits for, in words: `"for the stream to drain"`. */
  readonly waitsFor: string;
  /** The thread that waits, where it is another one than that of the observer, in words: `"thread 3"`. */
  readonly thread?: string | undefined;
}

/** A function whose callers are shown as the place where something was made. */
export type Maker = (...args: never[]) => unknown;

/** Notified of every new pipe and conversion, and of waits in adapters, while a watch is on. */
export interface Observer {
  /** @param maker The function whose callers are shown as the place where the pipe was made. */
  opened(pipe: Pipe, maker: Maker): void;
  /**
   * A conversion without a pipe of its own was made.
   *
   * @param conversion What the caller got. It is not kept alive.
   */
  converted(conversion: object, kind: string, maker: Maker): void;
  /**
   * A call waits outside of any pipe. Returns the function that ends the wait.
   *
   * @param subject A `PipeReader` or `PipeWriter`, for a wait that concerns its pipe, or a conversion.
   */
  waits(subject: object, wait: AdapterWait): () => void;
}

/** Where the observer is registered. There is none while no watch is on. */
export interface Post {
  observer: Observer | undefined;
  /** The function of an adapter that makes a pipe now: its callers are shown instead of those of `pipe()`. */
  maker?: Maker | undefined;
}

/*
 * One post for all copies of this package in a program, so that a watch sees the pipes of each. The number in its name stands for
 * what an observer uses of a pipe, and for the interface above. It changes with them; older copies then do not see newer ones.
 */
const NAME = Symbol.for("pipe512.observer.2");

export const post: Post = ((globalThis as { [NAME]?: Post })[NAME] ??= { observer: undefined });
