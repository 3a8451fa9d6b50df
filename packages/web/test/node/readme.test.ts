import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), "utf8");

// Red when: a recipe of the README differs from the one that the tests run in browsers.
test.for(readdirSync(new URL("../recipes", import.meta.url)))("README.md shows recipes/%s", (file) => {
  expect(read("../../README.md")).toContain(`\`\`\`ts\n${read(`../recipes/${file}`)}\`\`\``);
});
