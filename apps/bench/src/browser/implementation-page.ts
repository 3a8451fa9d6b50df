import type { Browser, BrowserContext, Page } from "playwright";
import { ImplementationFailure, type Measurer, replyWithin } from "../runner/measurer.ts";
import type { Request, Task } from "../runner/protocol.ts";
import type { Child } from "./child.ts";

/** A page that measures one implementation in one scenario. No two implementations share a context, so none share a process. */
export class ImplementationPage implements Measurer {
  readonly #context: BrowserContext;
  readonly #page: Page;
  // Cleared for good by any failure.
  #isFit = true;
  readonly #keep: ((page: ImplementationPage) => void) | undefined;

  /** @param keep Receives the page when it has ended and can be used for another task of the same implementation. */
  static async open(
    browser: Browser,
    keep?: (page: ImplementationPage) => void,
  ): Promise<ImplementationPage> {
    const context = await orCrash(browser.newContext());
    return new ImplementationPage(context, await orCrash(context.newPage()), keep);
  }

  private constructor(context: BrowserContext, page: Page, keep?: (page: ImplementationPage) => void) {
    this.#context = context;
    this.#page = page;
    this.#keep = keep;
  }

  /** Reloads the page, so that no state of an earlier task remains, and waits until it is ready. */
  async prepare(url: string, task: Task, timeLimitMs: number): Promise<void> {
    try {
      await orCrash(this.#page.goto(url));
      await this.#call("prepare", task, timeLimitMs);
    } catch (error) {
      await this.end();
      throw error;
    }
  }

  async ask<Sample extends object>(request: Request, timeLimitMs: number): Promise<Sample> {
    return (await this.#call("answer", request, timeLimitMs)) as Sample;
  }

  async end(): Promise<void> {
    if (this.#isFit && this.#keep !== undefined) return this.#keep(this);
    // A page that has crashed, or that ended with its browser, no longer exists.
    await this.#context.close().catch(() => {});
  }

  async #call(name: "prepare" | "answer", argument: object, timeLimitMs: number): Promise<object> {
    try {
      return await replyWithin(timeLimitMs, orCrash(call(this.#page, name, argument)));
    } catch (error) {
      this.#isFit = false;
      throw error;
    }
  }
}

/** Calls a function of the page's child. */
export function call(page: Page, name: keyof Child, argument: object | string): Promise<object> {
  const evaluated = ([called, given]: readonly [keyof Child, object | string]): Promise<object> => {
    const { child } = globalThis as unknown as { child: Child };
    return child[called](given as never);
  };
  return page.evaluate(evaluated, [name, argument] as const);
}

/** An error outside the child's code ends the page. */
async function orCrash<Value>(work: Promise<Value>): Promise<Value> {
  try {
    return await work;
  } catch (error) {
    const [first = ""] = String(error instanceof Error ? error.message : error).split("\n");
    throw new ImplementationFailure("crashes", first);
  }
}
