import { existsSync, readFileSync } from "node:fs";
import { XMLParser } from "fast-xml-parser";

/** The tests of a JUnit report. */
export interface Outcome {
  readonly passed: readonly string[];
  readonly skipped: readonly string[];
  readonly failed: readonly { readonly title: string; readonly text: string }[];
}

/** The attributes and children of `testsuites`, `testsuite` and `testcase` elements that are read. */
interface Element {
  readonly "@name"?: string;
  readonly testsuites?: readonly Element[];
  readonly testsuite?: readonly Element[];
  readonly testcase?: readonly Element[];
  readonly failure?: readonly { readonly "#text"?: string }[];
  readonly skipped?: readonly unknown[];
}

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: "@",
  alwaysCreateTextNode: true,
  parseTagValue: false,
  htmlEntities: true,
  isArray: (_name, _path, _leaf, isAttribute) => !isAttribute,
});

/** Reads a JUnit report. Without a report, as after a crash, no test passed and none failed. */
export function readReport(file: string): Outcome {
  const elements = existsSync(file) ? testCases(parser.parse(readFileSync(file, "utf8")) as Element) : [];
  const title = (element: Element): string => element["@name"] ?? "";
  // Deno also lists each group of tests as a test.
  const isGroup = (element: Element): boolean =>
    elements.some((other) => title(other).startsWith(`${title(element)} > `));
  const tests = elements.filter((element) => !isGroup(element));
  return {
    passed: tests.filter(({ failure, skipped }) => !failure && !skipped).map(title),
    skipped: tests.filter(({ skipped }) => skipped).map(title),
    failed: tests.flatMap(({ failure, ...test }) =>
      failure ? [{ title: title(test), text: failure[0]?.["#text"]?.trim() ?? "" }] : [],
    ),
  };
}

/** The test cases inside an element at any depth. Node and Bun nest the suites, Deno does not. */
function testCases({ testsuites = [], testsuite = [], testcase = [] }: Element): Element[] {
  return [...testcase, ...[...testsuites, ...testsuite].flatMap(testCases)];
}
