import { describe, test } from "node:test";
import { conformance, everything, nodeTest } from "@pipe512/conformance";
import { pipe } from "@pipe512/core";

conformance({ name: "pipe()", create: () => pipe(), supports: everything }, nodeTest({ describe, test }));
