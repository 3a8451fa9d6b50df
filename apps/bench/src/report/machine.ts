import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { arch, cpus, platform, release, totalmem } from "node:os";
import { type Runtimes, titleOf } from "../runner/runtimes.ts";

export interface Machine {
  readonly cpu: string;
  readonly cpuCount: number;
  readonly memoryBytes: number;
  readonly platform: string;
  readonly arch: string;
  readonly release: string;
}

export interface Versions {
  readonly core: string;
  readonly node: string;
  /** The runtime in place of Node, such as `Bun 1.4.5`. For a browser, this Node is only its parent. */
  readonly runtime?: string;
  readonly v8: string;
  /** `null` if there is none. */
  readonly go: string | null;
  /** The C compiler, if its implementation was requested. */
  readonly c?: string;
}

export function machine(): Machine {
  const [first] = cpus();
  return {
    cpu: first?.model.trim() ?? "unknown",
    cpuCount: cpus().length,
    memoryBytes: totalmem(),
    platform: platform(),
    arch: arch(),
    release: release(),
  };
}

export function versions(runtimes: Runtimes): Versions {
  const { node, go, c, browser } = runtimes;
  const core = createRequire(import.meta.url).resolve("@pipe512/core/package.json");
  return {
    core: (JSON.parse(readFileSync(core, "utf8")) as { version: string }).version,
    node: node.version,
    ...(node.ownVersion === undefined && browser === undefined ? {} : { runtime: titleOf(runtimes) }),
    v8: (browser ?? node).v8Version,
    go: typeof go === "string" ? null : go.version,
    ...(typeof c === "string" ? {} : { c: c.version }),
  };
}
