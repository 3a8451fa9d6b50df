import { conformance, everything, vitest } from "@pipe512/conformance";
import { describe, test } from "vitest";
import { create } from "./targets/pipe.ts";

conformance({ name: "pipe", create, supports: everything }, vitest({ describe, test }));
