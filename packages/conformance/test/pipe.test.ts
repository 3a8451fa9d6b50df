import { conformance, everything, vitest } from "@pipe512/conformance";
import { pipe } from "@pipe512/core";
import { describe, test } from "vitest";

conformance({ name: "pipe()", create: () => pipe(), supports: everything }, vitest({ describe, test }));
