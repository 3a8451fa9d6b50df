import { AbandonedPipeError, ClosedPipeError, type Side } from "@pipe512/core";
import { shown } from "./settings.ts";
import type { ErrorText } from "./wire.ts";

/** The maximum length of a sent name, message and code, in characters, so that an error fits into a message of any pipe. */
const NAME_LENGTH = 40;
const MESSAGE_LENGTH = 200;

/** The part of an error that is sent to the other machine. Any other value becomes an error whose message describes the value. */
export function errorText(error: unknown): ErrorText {
  if (!(error instanceof Error)) return { name: "Error", message: cut(shown(error), MESSAGE_LENGTH) };
  const { code, side } = error as { readonly code?: unknown; readonly side?: unknown };
  return {
    name: cut(error.name, NAME_LENGTH),
    message: cut(error.message, MESSAGE_LENGTH),
    ...(typeof code === "string" && { code: cut(code, NAME_LENGTH) }),
    ...((side === "reader" || side === "writer") && { side }),
  };
}

/** An error from the other machine. */
export function errorFrom({ name, message, code, side = "writer" }: ErrorText): Error {
  const details = { side, operation: "pipe" };
  if (code === "ERR_ABANDONED_PIPE") return new AbandonedPipeError(message, details);
  if (code === "ERR_CLOSED_PIPE") return new ClosedPipeError(message, details);
  return Object.assign(new Error(message), { name }, code !== undefined && { code });
}

/** The first `length` characters, without cutting a character in half. */
function cut(text: string, length: number): string {
  return text.length <= length ? text : Array.from(text).slice(0, length).join("");
}

export function closedError(side: Side, attempt: string, found: string, bytesWritten = 0): ClosedPipeError {
  const operation = attempt.split(" ", 1)[0] ?? attempt;
  return new ClosedPipeError(`Cannot ${attempt}: ${found}`, { side, operation, bytesWritten });
}

export function abandonedError(side: Side, attempt: string, found: string): AbandonedPipeError {
  const operation = attempt.split(" ", 1)[0] ?? attempt;
  return new AbandonedPipeError(`Cannot ${attempt}: ${found}`, { side, operation });
}
