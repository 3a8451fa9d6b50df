import { readFileSync } from "node:fs";
import * as v from "valibot";
import { UsageError } from "../usage-error.ts";
import { FORMAT } from "./json.ts";

/** The part of a comparison kept with `--json` that a later comparison needs. */
export type Earlier = v.InferOutput<typeof comparison>;

const series = v.object({
  implementation: v.string(),
  scenario: v.string(),
  parameters: v.object({ chunkBytes: v.optional(v.number()) }),
  samples: v.array(v.object({ cost: v.pipe(v.number(), v.gtValue(0)) })),
  failure: v.optional(v.string()),
});

const comparison = v.object({
  format: v.literal(FORMAT),
  kind: v.literal("comparison"),
  startedAt: v.pipe(v.string(), v.isoTimestamp()),
  machine: v.object({ cpu: v.string(), cpuCount: v.number() }),
  versions: v.object({ core: v.string(), node: v.string(), runtime: v.optional(v.string()) }),
  file: v.object({ name: v.string(), sha256: v.string() }),
  series: v.object({ transfers: v.array(series), costs: v.array(series) }),
});

/**
 * Reads the file of an earlier run.
 *
 * @throws {UsageError} If it cannot be read, or this version does not write such a file.
 */
export function readEarlier(path: string): Earlier {
  const failure = (reason: string) => new UsageError(`Cannot compare with ${path}: ${reason}`);
  let content: string;
  try {
    content = readFileSync(path, "utf8");
  } catch (error) {
    throw failure(
      (error as NodeJS.ErrnoException).code === "ENOENT" ? "there is no such file" : String(error),
    );
  }
  let kept: unknown;
  try {
    kept = JSON.parse(content);
  } catch {
    throw failure("it is not JSON, or is incomplete");
  }
  const { format, kind } = (kept ?? {}) as { format?: unknown; kind?: unknown };
  if (typeof format === "string" && format !== FORMAT && format.startsWith("pipe512-bench-"))
    throw failure(`it was kept by another version (${format}, this one reads ${FORMAT}); measure again`);
  if (format !== FORMAT) throw failure("it was not written by --json");
  if (kind !== "comparison") throw failure(`it is a ${String(kind)}; give the file of a comparison`);
  const read = v.safeParse(comparison, kept);
  if (!read.success) {
    const [issue] = read.issues;
    throw failure(`it is broken at ${v.getDotPath(issue) ?? "its beginning"}: ${issue.message}`);
  }
  const { transfers, costs } = read.output.series;
  if ([...transfers, ...costs].every(({ samples }) => samples.length === 0))
    throw failure("it contains no measurement with a cost");
  return read.output;
}
