import type { Pipe } from "./pipe.ts";

/** Who is told of every new pipe, while somebody watches. */
export interface Observer {
  /** @param maker The function whose callers are shown as the place where the pipe was made. */
  opened(pipe: Pipe, maker: (...args: never[]) => unknown): void;
}

/** Where the observer is put and taken away. Nobody watches while there is none. */
export interface Post {
  observer: Observer | undefined;
}

/*
 * One post for all copies of this package in a program, so that a watch sees the pipes of each. The number in its name stands for
 * what an observer uses of a pipe: whoever changes that changes the number, and the copies of then do not see those of now.
 */
const NAME = Symbol.for("pipe512.observer.1");

export const post: Post = ((globalThis as { [NAME]?: Post })[NAME] ??= { observer: undefined });
