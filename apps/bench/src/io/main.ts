// Compares the helpers around a pipe with the common alternatives. Implementations run in turn, round by round, each in its own process, so that
// other load of the machine affects all of them. The arguments are the size of the file in megabytes, and the number of rounds.

import { execFile } from "node:child_process";
import { createWriteStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { bufferedWriter, writeText } from "@pipe512/core";
import { fromWritable } from "@pipe512/node";
import Table from "cli-table3";
import { spread } from "../statistics.ts";
import { contests } from "./contests.ts";
import type { Sample } from "./round.ts";

const WORDS =
  "the quick brown fox jumps over a lazy dog while it sleeps in the sun and dreams of things".split(" ");

/** Writes lines of 5 to 19 words, which are the same at each call. */
async function writeLines(path: string, megabytes: number): Promise<void> {
  const writer = bufferedWriter(fromWritable(createWriteStream(path)));
  for (let bytes = 0, number = 0; bytes < megabytes * 1e6; number++) {
    const words = Array.from(
      { length: 5 + ((number * 7919) % 15) },
      (_, n) => WORDS[(number * 31 + n * 17) % WORDS.length],
    );
    bytes += await writeText(writer, `${words.join(" ")}\n`);
  }
  await writer.finish();
}

async function measure(contest: string, implementation: string, folder: string): Promise<Sample> {
  const round = fileURLToPath(
    new URL(import.meta.url.endsWith(".ts") ? "./round.ts" : "./round.js", import.meta.url),
  );
  const files = ["lines.txt", "warm-up.txt", "output"].map((name) => join(folder, name));
  const { stdout } = await promisify(execFile)(process.execPath, [
    ...process.execArgv,
    round,
    contest,
    implementation,
    ...files,
  ]);
  return JSON.parse(stdout) as Sample;
}

const [megabytes = "200", rounds = "9", only = ""] = process.argv.slice(2);
const folder = await mkdtemp(join(tmpdir(), "pipe512-"));
try {
  await writeLines(join(folder, "lines.txt"), Number(megabytes));
  await writeLines(join(folder, "warm-up.txt"), Math.min(20, Number(megabytes)));
  for (const { name, unit, implementations } of contests.filter((contest) => contest.name.includes(only))) {
    const samples = new Map(implementations.map((implementation) => [implementation.name, [] as Sample[]]));
    for (let round = 0; round < Number(rounds); round++) {
      for (const implementation of implementations)
        samples.get(implementation.name)?.push(await measure(name, implementation.name, folder));
    }
    const table = new Table({
      head: [name, `units (${unit})`, "wall ms (95 %)", "CPU ms (95 %)", `CPU ns/${unit}`],
    });
    for (const [implementation, taken] of samples) {
      const wall = spread(taken.map(({ wallMs }) => wallMs));
      const cpu = spread(taken.map(({ cpuMs }) => cpuMs));
      const units = taken[0]?.units ?? 0;
      const show = (of: typeof wall): string =>
        `${of.median.toFixed(0)} (${of.low.toFixed(0)}–${of.high.toFixed(0)})`;
      table.push([
        implementation,
        Math.round(units),
        show(wall),
        show(cpu),
        ((cpu.median * 1e6) / units).toFixed(0),
      ]);
    }
    console.log(table.toString());
  }
} finally {
  await rm(folder, { recursive: true });
}
