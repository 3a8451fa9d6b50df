import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newSeed } from "../support/random.ts";
import { compare, subjects } from "./differential.ts";
import { hasGo, Referee } from "./referee.ts";

const SCRIPTS = Number(process.env["SCRIPTS"] ?? 5000);

describe.skipIf(!hasGo)("against the same contract in Go", () => {
  let referee: Referee;
  beforeAll(() => {
    referee = new Referee();
  }, 60_000);
  afterAll(() => referee.stop());

  for (const subject of subjects) {
    // Red when: a close drops the flush behind it; or a read is not served past the ring; or a write that was let go on keeps an old error.
    test(`${subject.name} does what Go does, step by step, over ${SCRIPTS} random scripts [PIPE-005] [PIPE-010] [PIPE-014] [PIPE-026]`, {
      timeout: SCRIPTS * 20,
    }, async () => {
      const first = newSeed(subject.name);
      for (let seed = first; seed < first + SCRIPTS; seed += 1) {
        expect(await compare(subject, referee, seed)).toBe(undefined);
      }
    });
  }
});

test.skipIf(hasGo)(
  "the differential is skipped: Go is not installed (Debian: apt install golang-go)",
  () => {},
);
