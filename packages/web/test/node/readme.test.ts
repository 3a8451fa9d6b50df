import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), "utf8");

// Red when: a recipe of the README is not, letter for letter, the one that the tests run in the browsers.
test.for(readdirSync(new URL("../recipes", import.meta.url)))("README.md shows recipes/%s", (file) => {
  expect(read("../../README.md")).toContain(`\`\`\`ts\n${read(`../recipes/${file}`)}\`\`\``);
});
