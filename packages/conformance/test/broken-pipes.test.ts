import { readFileSync } from "node:fs";
import { attempt, behaviours } from "@pipe512/conformance";
import { expect, test } from "vitest";
import { brokenPipes } from "./broken-pipes.ts";
import { newestResults } from "./results.ts";

// The cases that fail on each broken pipe, reviewed by hand. Cases about starved timers fail only on the peers.
const expected = JSON.parse(readFileSync(new URL("./broken-pipes.json", import.meta.url), "utf8")) as Record<
  string,
  string[]
>;
const { fairness, ...timeless } = behaviours;
const cases = Object.values(timeless).flat();

// Red when: a title is removed from the list of a broken pipe, or a case checks less than before.
test.for(Object.entries(brokenPipes))(
  "A pipe that %s turns exactly the right cases red",
  { timeout: 20_000 },
  async ([name, create]) => {
    const red: string[] = [];
    for (const one of cases) {
      await attempt(one, { create }).catch(() => red.push(one.title));
    }
    expect(red).toEqual(expected[name]);
  },
);

// Red when: a new case fails on no broken pipe and on no peer.
test("Every case has been seen red: on a broken pipe, or on a peer", () => {
  const { targets } = newestResults();
  const peers = [targets["pass-through"], targets["transform-stream"], targets["stream-iter"]];
  const seen = new Set(Object.values(expected).flat());
  const unseen = [...cases, ...(fairness ?? [])]
    .map(({ title }) => title)
    .filter((title) => !seen.has(title) && peers.every((peer) => peer.cases[title] === true));
  expect(unseen).toEqual([]);
});
