import { basename } from "node:path";
import type { Input } from "../input.ts";
import type { Runtimes } from "../runner/runtimes.ts";
import { count } from "./format.ts";
import { machine } from "./machine.ts";

/** What is sent, and what on; then why something is missing. */
export function heading(input: Input, { node, go }: Runtimes): string {
  const { cpu, cpuCount } = machine();
  const runtimes = typeof go === "string" ? `Node ${node.version}` : `Node ${node.version}, ${go.version}`;
  return [
    `${basename(input.path)}, ${count(input.bytes)} bytes, SHA-256 ${input.sha256.slice(0, 16)}…`,
    `${runtimes}, ${cpuCount} × ${cpu}`,
    ...(typeof go === "string" ? [go] : []),
    ...(input.remark === undefined ? [] : [input.remark]),
  ].join("\n");
}
