import { readFileSync } from "node:fs";
import { attempt, behaviours } from "@pipe512/conformance";
import { expect, test } from "vitest";
import { brokenPipes } from "./broken-pipes.ts";
import { newestResults } from "./results.ts";

// Which cases each broken pipe turns red, reviewed by hand. What starves timers is seen on the peers alone.
const expected = JSON.parse(readFileSync(new URL("./broken-pipes.json", import.meta.url), "utf8")) as Record<
  string,
  string[]
>;
const { fairness, ...timeless } = behaviours;
const cases = Object.values(timeless).flat();

// Red when: one title is taken out of the list of a broken pipe, or a case expects less than it did.
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

// Red when: a case is added that nothing breaks.
test("Every case has been seen red: on a broken pipe, or on a peer", () => {
  const { targets } = newestResults();
  const peers = [targets["pass-through"], targets["transform-stream"], targets["stream-iter"]];
  const seen = new Set(Object.values(expected).flat());
  const unseen = [...cases, ...(fairness ?? [])]
    .map(({ title }) => title)
    .filter((title) => !seen.has(title) && peers.every((peer) => peer.cases[title] === true));
  expect(unseen).toEqual([]);
});
