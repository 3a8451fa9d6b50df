import { conformance, vitest } from "@pipe512/conformance";
import { describe, test } from "vitest";
import { target } from "./targets/pipe.ts";

conformance(target, vitest({ describe, test }));
