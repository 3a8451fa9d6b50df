import { type Command, CommanderError } from "commander";
import { UsageError } from "./usage-error.ts";

/**
 * Lets a command parse its arguments. It prints nothing and does not end the process.
 *
 * @returns The requested text, such as a help text, if the arguments request one instead of a run.
 * @throws {UsageError} If the arguments are invalid.
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
  expectValues(command, args);
  try {
    command.parse(args, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return { text };
    throw new UsageError(sentence(error.message));
  }
  return undefined;
}

/** Whether the value of an option is the name of another option, because the value was forgotten. A file may be named as `./-name`. */
const OPTION_LIKE = /^--?[a-z]/i;

/** @throws {UsageError} If an option that needs a value is followed by another option. */
function expectValues(command: Command, args: readonly string[]): void {
  const end = args.indexOf("--");
  for (const [index, argument] of args.slice(0, end < 0 ? undefined : end).entries()) {
    const option = command.options.find(({ long, short }) => argument === long || argument === short);
    const next = args[index + 1];
    if (option?.required !== true || next === undefined || !OPTION_LIKE.test(next)) continue;
    const { value } = /(?<value><.*>)/.exec(option.flags)?.groups ?? {};
    throw new UsageError(`${argument} must be followed by ${value ?? "a value"}; got the option ${next}`);
  }
}

/** Commander's words around a message about the value of an option: `option '--rounds <number>' argument 'x' is invalid. …`. */
const OF_OPTION = /^option '(--[\w-]+)[^']*' argument '(.*)' is invalid\. /;

/** Commander's message as one sentence: `error: unknown option '--jsn'\n(Did you mean --json?)`. */
function sentence(message: string): string {
  const [first = "", ...rest] = message
    .replace(/^error: /, "")
    .replace(OF_OPTION, "$1 '$2': ")
    .split("\n");
  return [first.charAt(0).toUpperCase() + first.slice(1), ...rest].join(" ").replace(/\.$/, "");
}
