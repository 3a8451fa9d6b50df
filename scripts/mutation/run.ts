import { spawn } from "node:child_process";
import { once } from "node:events";

/** Runs a program and collects what it prints. At the deadline, the program and all that it started are killed. */
export async function run(
  program: string,
  args: readonly string[],
  cwd: string,
  deadline: number,
): Promise<{ code: number | null; output: string }> {
  const child = spawn(program, args, {
    cwd,
    detached: true,
    env: { ...process.env, NODE_OPTIONS: "", NO_COLOR: "1" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text) => (output += text));
  const kill = (): void => {
    // Stryker's workers are in its process group. They would keep running if only Stryker itself were killed.
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null)
      process.kill(-child.pid, "SIGKILL");
  };
  const exit = (): never => {
    kill();
    process.exit(1);
  };
  const timer = Number.isFinite(deadline) ? setTimeout(kill, Math.max(0, deadline - Date.now())) : undefined;
  process.once("SIGINT", exit).once("SIGTERM", exit);
  try {
    const [code] = (await once(child, "close")) as [number | null];
    return { code, output };
  } finally {
    clearTimeout(timer);
    process.off("SIGINT", exit).off("SIGTERM", exit);
  }
}
