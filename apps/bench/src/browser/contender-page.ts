import type { Browser, BrowserContext, Page } from "playwright";
import { ContenderFailure, type Measurer, replyWithin } from "../runner/measurer.ts";
import type { Request, Task } from "../runner/protocol.ts";
import type { Child } from "./child.ts";

/** A page that measures one contender in one scenario. No two contenders share a context, and so none share a process. */
export class ContenderPage implements Measurer {
  readonly #context: BrowserContext;
  readonly #page: Page;
  // Cleared by whatever goes wrong, for good.
  #isFit = true;
  readonly #keep: ((page: ContenderPage) => void) | undefined;

  /** @param keep Is given it where it has ended and may be used for another task of the same contender. */
  static async open(browser: Browser, keep?: (page: ContenderPage) => void): Promise<ContenderPage> {
    const context = await orCrash(browser.newContext());
    return new ContenderPage(context, await orCrash(context.newPage()), keep);
  }

  private constructor(context: BrowserContext, page: Page, keep?: (page: ContenderPage) => void) {
    this.#context = context;
    this.#page = page;
    this.#keep = keep;
  }

  /** Loads everything anew, so that nothing is left of an earlier task, and waits until it is ready. */
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
    // One that has crashed or was ended with its browser is gone already.
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

/** What goes wrong outside of the child's code ends the page. */
async function orCrash<Value>(work: Promise<Value>): Promise<Value> {
  try {
    return await work;
  } catch (error) {
    const [first = ""] = String(error instanceof Error ? error.message : error).split("\n");
    throw new ContenderFailure("crashes", first);
  }
}
