import type { Parameters } from "../scenarios/scenario.ts";
import type { ScenarioName } from "../scenarios/scenarios.ts";

// The protocol between a measuring process and its parent: a task as the only argument, then a line of JSON for each
// request and each reply, over stdin and stdout. An implementation can therefore be written in any language.

/** The task of a process. It measures this and nothing else. */
export interface Task {
  readonly implementation: string;
  readonly scenario: ScenarioName;
  /** Absolute path of the file whose bytes are sent. */
  readonly file: string;
  readonly parameters: Parameters;
}

export type Request = { readonly warmUpMs: number } | { readonly measureMs: number };

/** "Ready" once, before any request. Otherwise the result of the request, or why it failed. */
export type Reply = { readonly ready: string } | { readonly error: string } | object;
