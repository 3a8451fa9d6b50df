import { expect, test } from "vitest";
import { expectedLeaks } from "../diagnostics/expected-leaks.ts";
import { inWorker } from "./web-thread.ts";

// Red when: a lost end is not reported, or is reported twice, or with another message.
test("watch({ onLeak }) reports each way to lose an end in a worker, too [PIPE-029]", async ({ skip }) => {
  const isChromium = navigator.userAgent.includes("Chrome/");
  skip(!isChromium, "this browser cannot collect garbage on request");
  expect(await inWorker("loseEnds").result).toEqual(expectedLeaks);
});
