// The programs of the READMEs, run as a user would paste them.
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join, resolve } from "node:path";
import { command } from "../publishing/command.ts";

export interface Example {
  /** Its place, such as `packages/core/README.md:7`. */
  readonly place: string;
  readonly language: "js" | "ts";
  readonly code: string;
  /** Why it cannot run here, from the comment above it. */
  readonly skipped: string | undefined;
}

const FENCE = /(?:<!-- not rehearsed: ([^>]+) -->\n+)?^```(ts|js)\n(.*?)^```$/gms;

/** The examples of a README that are complete programs: those that import something. */
export function examplesIn(readme: string, root = "."): Example[] {
  const text = readFileSync(`${root}/${readme}`, "utf8");
  return Array.from(text.matchAll(FENCE), (match) => {
    const [whole, skipped, language, code = ""] = match;
    const line = text.slice(0, match.index + whole.indexOf("```")).split("\n").length;
    return { place: `${readme}:${line}`, language: language === "js" ? "js" : "ts", code, skipped } as const;
  }).filter(({ code }) => /^import /m.test(code));
}

/** Runs the examples in a folder with the installed packages, and returns the problems. */
export async function exampleProblems(
  readmes: readonly string[],
  folder: string,
  parallel: number,
): Promise<string[]> {
  const examples = readmes.flatMap((readme) => examplesIn(readme));
  const problems: string[] = [];
  // For the example that uploads.
  const server = createServer((request, response) =>
    request.resume().on("end", () => response.writeHead(201).end()),
  );
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const env = {
    URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    LOG: join(folder, "child.log"),
  };
  const run = async ({ place, language, code }: Example, index: number): Promise<void> => {
    const isTest = /from "vitest"/.test(code);
    const file = `example-${index}${isTest ? ".test" : ""}.${language}`;
    writeFileSync(join(folder, file), code);
    const args = isTest ? [resolve("node_modules/vitest/vitest.mjs"), "run", "--root", folder, file] : [file];
    await command(process.execPath, args, { cwd: folder, env }).catch((error: Error) => {
      throw new Error(`${place}: ${error.message.split("\n").slice(-40).join("\n")}`);
    });
  };
  const queue = examples.entries();
  const failed: [number, Example][] = [];
  const worker = async (): Promise<void> => {
    for (const [index, example] of queue) {
      if (example.skipped === undefined) await run(example, index).catch(() => failed.push([index, example]));
      else console.log(`      skipped: ${example.place}: ${example.skipped}`);
    }
  };
  await Promise.all(Array.from({ length: parallel }, worker));
  // Some examples measure time, and others at the same time would disturb them.
  for (const [index, example] of failed)
    await run(example, index).catch((error: Error) => problems.push(error.message));
  server.close();
  console.log(`      ${examples.length} examples, ${problems.length} problems`);
  return problems;
}
