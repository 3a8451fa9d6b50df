import { type Command, CommanderError } from "commander";
import { UsageError } from "./usage-error.ts";

/**
 * Has a command read its arguments, which it then tells; it prints nothing and ends nothing itself.
 *
 * @returns The text that was asked for instead of a run, if any was.
 * @throws {UsageError} If the arguments make no sense.
 */
export function read(command: Command, args: readonly string[]): { readonly text: string } | undefined {
  let text = "";
  command
    .helpOption("--help", "print this")
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({
      writeOut: (written) => {
        text += written;
      },
      writeErr: () => {},
    });
  try {
    command.parse(args, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return { text };
    throw new UsageError(sentence(error.message));
  }
  return undefined;
}

/** Around what is said of the value of an option: `option '--rounds <number>' argument 'x' is invalid. …`. */
const OF_OPTION = /^option '(--[\w-]+)[^']*' argument '(.*)' is invalid\. /;

/** Commander's message as one sentence: `error: unknown option '--jsn'\n(Did you mean --json?)`. */
function sentence(message: string): string {
  const [first = "", ...rest] = message
    .replace(/^error: /, "")
    .replace(OF_OPTION, "$1 '$2': ")
    .split("\n");
  return [first.charAt(0).toUpperCase() + first.slice(1), ...rest].join(" ").replace(/\.$/, "");
}
