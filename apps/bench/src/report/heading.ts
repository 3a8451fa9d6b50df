import { basename } from "node:path";
import type { Input } from "../input.ts";
import { type Runtimes, titleOf } from "../runner/runtimes.ts";
import { count } from "./format.ts";
import { loadInWords, loadNow } from "./load.ts";
import { machine } from "./machine.ts";
import { type Screen, wrapped } from "./screen.ts";

/** Describes the file, the machine and the measurement, and says why results may be less precise than usual. */
export function heading(
  input: Input,
  runtimes: Runtimes,
  plan: readonly string[],
  { width }: Screen,
): string {
  const { cpu, cpuCount } = machine();
  const compiled = [runtimes.go, runtimes.c].filter((one) => typeof one === "object");
  const versions = [titleOf(runtimes), ...compiled.map(({ version }) => version)].join(", ");
  const load = loadNow();
  return [
    `${basename(input.path)}, ${count(input.bytes)} bytes, SHA-256 ${input.sha256.slice(0, 16)}…`,
    `${versions}, ${cpuCount} × ${cpu}, ${loadInWords(load)}`,
    ...plan,
    ...(load > cpuCount ? ["Other programs keep this machine busy: expect wide spreads"] : []),
    ...(input.remark === undefined ? [] : [input.remark]),
  ]
    .map((line) => wrapped(line, width, "  "))
    .join("\n");
}
