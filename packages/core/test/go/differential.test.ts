import { expect, test } from "vitest";
import { newSeed } from "../support/random.ts";
import { compare, hasGo, type Kind } from "./differential.ts";

const SCRIPTS = 5000;
const missing = "not compared with Go, since it is missing: apt-get install golang-go";

// Red when: a read takes from the write behind the one in progress; a flush counts bytes written after it; a close of the writer fails writes in flight.
test.for([["pipe"], ["io.Pipe"]] as ReadonlyArray<readonly [Kind]>)(
  "5,000 random scripts end as in Go after every step: %s [PIPE-001] [PIPE-005] [PIPE-010] [PIPE-014] [PIPE-015] [PIPE-020] [PIPE-026] [PIPE-031]",
  { timeout: 120_000 },
  async ([kind], { skip }) => {
    skip(!hasGo, missing);
    expect(await compare(kind, SCRIPTS, newSeed(`compared with Go: ${kind}`))).toBeGreaterThan(SCRIPTS);
  },
);
