import { spawnSync } from "node:child_process";
import { run } from "./program.ts";

const DEATHS = "packages/core/test/programs/shared-deaths.ts";
const TORTURE = "packages/core/test/programs/shared-torture.ts";
const LOCKS = "packages/core/test/programs/shared-locks.ts";
const BATCH_KILLS = 500;
const BATCH_SCHEDULES = 500;
const BATCH_MIB = 256;

/** Kills threads at random while they write or read. */
export function soakDeaths(kills: number): void {
  for (let killed = 0, slowestMs = 0; killed < kills; ) {
    const batch = Math.min(BATCH_KILLS, kills - killed);
    slowestMs = Math.max(slowestMs, Number(run([], DEATHS, batch)));
    killed += batch;
    console.log(
      `${killed} of ${kills} threads killed, and no other thread was left waiting; the slowest notice took ${slowestMs.toFixed(1)} ms`,
    );
  }
}

/** Plays random schedules at a mutex and a condition, with threads that are terminated while they wait. */
export function soakLocks(schedules: number): void {
  for (let done = 0; done < schedules; ) {
    const batch = Math.min(BATCH_SCHEDULES, schedules - done);
    const last = run([], LOCKS, batch);
    done += batch;
    console.log(
      `${done} of ${schedules} schedules at mutexes and conditions, no call waits at a free mutex; ${last} threads died with the mutex in this batch`,
    );
  }
}

/** Moves long sequences between two threads, on all processors and on one. */
export function soakTransfers(mib: number): void {
  const hasTaskset = spawnSync("taskset", ["--version"]).status === 0;
  if (!hasTaskset) console.log("skipped: one processor: taskset is not installed");
  for (const cpus of hasTaskset ? ["all processors", "one processor"] : ["all processors"]) {
    for (let moved = 0; moved < mib; ) {
      const batch = Math.min(BATCH_MIB, mib - moved) * 2 ** 20;
      const counts = run(cpus === "all processors" ? [] : ["taskset", "-c", "0"], TORTURE, batch);
      if (counts !== `${batch} ${batch}`)
        throw new Error(`Expected ${batch} bytes on both sides; got ${counts}`);
      moved += batch / 2 ** 20;
      console.log(`${moved} of ${mib} MiB moved on ${cpus}, every byte in order`);
    }
  }
}
