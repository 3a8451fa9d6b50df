import { execFile } from "node:child_process";

export interface CommandOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
}

/** A limit far above what any of the commands needs. */
const TIMEOUT_MS = 600_000;

/** Runs a program. Resolves with its stdout, or rejects with everything that it printed. */
export function command(program: string, args: readonly string[], options: CommandOptions): Promise<string> {
  const { cwd, env, input } = options;
  return new Promise((resolve, reject) => {
    const child = execFile(
      program,
      args,
      {
        cwd,
        env: { ...cleanEnvironment(), ...env },
        timeout: TIMEOUT_MS,
        killSignal: "SIGKILL",
        maxBuffer: 2 ** 26,
      },
      (error, stdout, stderr) => {
        if (error === null) resolve(stdout);
        else
          reject(
            new Error(
              `${program} ${args.join(" ")} failed (${error.code ?? error.signal})\n${stdout}${stderr}`,
            ),
          );
      },
    );
    child.stdin?.end(input);
  });
}

/** The environment without the variables that `npm run` adds for the package whose script this is. */
export function cleanEnvironment(): NodeJS.ProcessEnv {
  const own =
    /^(npm_(package|lifecycle|command|config_(local_|global_)?prefix)|INIT_CWD|NODE_OPTIONS|FORCE_COLOR)/;
  const kept = Object.entries(process.env).filter(([name]) => !own.test(name));
  return { ...Object.fromEntries(kept), NO_COLOR: "1" };
}
