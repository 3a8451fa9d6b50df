import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import type { Command } from "./runner/contender-process.ts";

const TASKSET = "taskset";

/** The same command, held to the first processor, or why that cannot be, in a line. */
export function onOneProcessor({ path, args }: Command): Command | string {
  if (!isOnPath(TASKSET))
    return `${TASKSET} is not on PATH, so nobody can be held to one processor here (Debian: apt install util-linux)`;
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
