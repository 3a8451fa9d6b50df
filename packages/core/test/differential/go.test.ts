import { expect, test } from "vitest";
import { newSeed, random } from "../support/random.ts";
import { compare, subjects } from "./differential.ts";
import { hasGo, Referee } from "./referee.ts";
import { playRendezvous, randomRendezvous } from "./rendezvous.ts";

const SCRIPTS = Number(process.env["SCRIPTS"] ?? 1000);
const MISSING = "needs Go: install it from https://go.dev/dl/ (Debian: apt install golang-go)";

// Red when: a flush after an own close() rejects with the reader's error; a read gets nothing from a waiting write; or a write that an own close() lets finish
// keeps an earlier error.
test.for(subjects.map((subject) => [subject.name, subject] as const))(
  "%s does after each step what the same contract in Go does, over random scripts [PIPE-005] [PIPE-010] [PIPE-014] [PIPE-026]",
  { timeout: 60_000 + SCRIPTS * 20 },
  async ([name, subject], { skip }) => {
    skip(!hasGo, MISSING);
    const referee = new Referee();
    try {
      const first = newSeed(`${name}, ${SCRIPTS} scripts`);
      for (let seed = first; seed < first + SCRIPTS; seed += 1) {
        expect(await compare(subject, referee, seed)).toBe(undefined);
      }
    } finally {
      referee.stop();
    }
  },
);

// Red when: flush() resolves without waiting for the reader.
test("pipe() does with write() and flush() what Go's own io.Pipe does with Write, over random scripts [PIPE-014] [PIPE-023] [PIPE-024] [PIPE-026]", {
  timeout: 60_000 + SCRIPTS * 20,
}, async ({ skip }) => {
  skip(!hasGo, MISSING);
  const referee = new Referee();
  try {
    const first = newSeed(`io.Pipe, ${SCRIPTS} scripts`);
    for (let seed = first; seed < first + SCRIPTS; seed += 1) {
      const { steps, lines } = await playRendezvous(randomRendezvous(random(seed)));
      const theirs = await referee.play("io.Pipe", steps);
      // Calls that settle in the same step may settle in any order.
      const sorted = (line: string): string => line.split(";").toSorted().join(";");
      expect({ seed, steps, lines: lines.map(sorted) }).toEqual({ seed, steps, lines: theirs.map(sorted) });
    }
  } finally {
    referee.stop();
  }
});
