import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import type { Command } from "./runner/implementation-process.ts";

const TASKSET = "taskset";

/** The same command on the first processor only, or one line that says why that is impossible. */
export function onOneProcessor({ path, args }: Command): Command | string {
  if (!isOnPath(TASKSET))
    return `${TASKSET} is not on PATH, so no process can be restricted to one processor here (Debian: apt install util-linux)`;
  return { path: TASKSET, args: ["-c", "0", path, ...args] };
}

function isOnPath(program: string): boolean {
  return (process.env["PATH"] ?? "").split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
