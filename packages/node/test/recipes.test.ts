import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { readText } from "@pipe512/core";
import { fromReadable } from "@pipe512/node";
import { expect, test } from "vitest";

const PACKAGE = new URL("../", import.meta.url);

/** Runs the program under a heading of the README as a user would paste it, and returns its output. */
async function paste(headline: string, env: Record<string, string> = {}): Promise<string> {
  const readme = await readFile(new URL("README.md", PACKAGE), "utf8");
  const [, program = ""] = new RegExp(`^### ${headline}\n\n\`\`\`ts\n(.*?)^\`\`\``, "ms").exec(readme) ?? [];
  if (program === "") throw new Error(`Cannot run a program of README.md: there is none under "${headline}"`);
  const flags = ["--conditions=@pipe512/source", "--input-type=module-typescript", "--eval"];
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, program], {
    cwd: PACKAGE,
    env: { ...process.env, NODE_OPTIONS: "", ...env },
  });
  return stdout.trim();
}

// Red when: finish() does not end the file.
test("README: Know when a file is complete", async () => {
  const folder = await mkdtemp(join(tmpdir(), "pipe512-"));
  const log = join(folder, "numbers.txt");
  await paste("Know when a file is complete", { LOG: log });
  expect((await readFile(log, "utf8")).split("\n").length).toBe(1001);
  await rm(folder, { recursive: true });
});

// Red when: the stream ends before the last row.
test("README: Upload a file that is generated", async () => {
  let received = "";
  const server = createServer((request, response) => {
    void readText(fromReadable(request)).then((text) => {
      received = text;
      response.writeHead(201).end();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  expect(await paste("Upload a file that is generated", { URL: `http://127.0.0.1:${port}` })).toBe("201");
  server.close();
  expect(received).toBe(Array.from({ length: 10_000 }, (_, row) => `${row},${row * row}\n`).join(""));
});

// Red when: the compressed body lacks a row, or the server does not end.
test("README: Zip on the fly into an HTTP response", async () => {
  expect(await paste("Zip on the fly into an HTTP response")).toBe("10000");
});

// Red when: one of the two writers gets nothing.
test("README: Tee what a child prints", async () => {
  const folder = await mkdtemp(join(tmpdir(), "pipe512-"));
  const log = join(folder, "child.log");
  expect(await paste("Tee what a child prints", { LOG: log })).toBe("hello from a child");
  expect(await readFile(log, "utf8")).toBe("hello from a child\n");
  await rm(folder, { recursive: true });
});

// Red when: the signal's reason is wrapped, or does not end the pipeline.
test("README: Cancel with a signal", async () => {
  expect(await paste("Cancel with a signal")).toBe("TimeoutError");
});

// Red when: reusing a Buffer changes bytes written before.
test("README: Replace PassThrough", async () => {
  expect(await paste("Replace PassThrough")).toBe("true");
});
