import type { Parameters } from "../scenarios/scenario.ts";
import type { ScenarioName } from "../scenarios/scenarios.ts";

// The words between the process that measures and the one that asks it: a task as the only argument, then a line of JSON
// for each request and each reply, over stdin and stdout, so that a contender can be written in any language.

/** What a process is started for. It measures this and nothing else. */
export interface Task {
  readonly contender: string;
  readonly scenario: ScenarioName;
  /** Absolute path of the file whose bytes are sent. */
  readonly file: string;
  readonly parameters: Parameters;
}

export type Request = { readonly warmUpMs: number } | { readonly measureMs: number };

/** Ready: sent once, before any request. Otherwise what the request asked for, or why that could not be had. */
export type Reply = { readonly ready: string } | { readonly error: string } | object;
