import { loadavg } from "node:os";
import { basename } from "node:path";
import type { Input } from "../input.ts";
import { type Runtimes, titleOf } from "../runner/runtimes.ts";
import { count } from "./format.ts";
import { machine } from "./machine.ts";

/** What is sent, what on, and how it is measured; then why something is missing, or will be less sure than usual. */
export function heading(input: Input, runtimes: Runtimes, plan: readonly string[]): string {
  const { cpu, cpuCount } = machine();
  const compiled = [runtimes.go, runtimes.c].filter((one) => typeof one === "object");
  const versions = [titleOf(runtimes), ...compiled.map(({ version }) => version)].join(", ");
  const [load = 0] = loadavg();
  return [
    `${basename(input.path)}, ${count(input.bytes)} bytes, SHA-256 ${input.sha256.slice(0, 16)}…`,
    `${versions}, ${cpuCount} × ${cpu}`,
    ...plan,
    ...(load > cpuCount ? [`This machine is busy (load ${load.toFixed(1)}): expect wide spreads`] : []),
    ...(input.remark === undefined ? [] : [input.remark]),
  ].join("\n");
}
