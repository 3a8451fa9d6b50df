import { coreTargets } from "./core.ts";
import { nodeTargets } from "./node.ts";
import { rxjsTargets } from "./rxjs.ts";
import { sharedTargets } from "./shared.ts";
import type { Target } from "./target.ts";
import { webTargets } from "./web.ts";

/** The targets of each package, in the order of checking. */
export const targetsOf: Readonly<Record<"core" | "node" | "web" | "rxjs" | "shared", readonly Target[]>> = {
  core: coreTargets,
  node: nodeTargets,
  web: webTargets,
  rxjs: rxjsTargets,
  shared: sharedTargets,
};

/** All targets, PERF-01 to PERF-47. */
export const targets: readonly Target[] = Object.values(targetsOf).flat();
