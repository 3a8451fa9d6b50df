import type { Browser, BrowserContext, Page } from "playwright";
import { ContenderFailure, type Measurer, replyWithin } from "../runner/measurer.ts";
import type { Request, Task } from "../runner/protocol.ts";
import type { Child } from "./child.ts";

/** A page that measures one contender in one scenario. No two share a context, and so none share a process. */
export class ContenderPage implements Measurer {
  readonly #context: BrowserContext;
  readonly #page: Page;

  /** Opens it and waits until it is ready. */
  static async start(browser: Browser, url: string, task: Task, timeLimitMs: number): Promise<ContenderPage> {
    const context = await orCrash(browser.newContext());
    const started = new ContenderPage(context, await orCrash(context.newPage()));
    try {
      await orCrash(started.#page.goto(url));
      await started.#call("prepare", task, timeLimitMs);
      return started;
    } catch (error) {
      await started.end();
      throw error;
    }
  }

  private constructor(context: BrowserContext, page: Page) {
    this.#context = context;
    this.#page = page;
  }

  async ask<Sample extends object>(request: Request, timeLimitMs: number): Promise<Sample> {
    return (await this.#call("answer", request, timeLimitMs)) as Sample;
  }

  async end(): Promise<void> {
    // One that has crashed or was ended with its browser is gone already.
    await this.#context.close().catch(() => {});
  }

  #call(name: "prepare" | "answer", argument: object, timeLimitMs: number): Promise<object> {
    return replyWithin(timeLimitMs, orCrash(call(this.#page, name, argument)));
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
