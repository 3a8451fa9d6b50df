import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";

/** Runs a test file. `npm run test:runtimes` also runs it in Node 20, 22, 24 and 26, in Bun and in Deno. */
async function expectToPass(name: string): Promise<void> {
  const file = new URL(`./runtimes/${name}.test.mjs`, import.meta.url).pathname;
  const conditions = "--conditions=@pipe512/source";
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [conditions, "--test-reporter=tap", "--test-timeout=30000", "--test", file],
    { env: { ...process.env, NODE_OPTIONS: "", NODE_TEST_CONTEXT: undefined } },
  ).catch((error: { stdout: string }) => error);
  expect(stdout.match(/^ *not ok .*|^ *error: .*/gm) ?? []).toEqual([]);
  expect(stdout).toMatch(/^# pass [1-9]\d+$/m);
}

const TIMEOUT_MS = 60_000;

// Red when: a test of that file fails on this Node.
test(
  "the main behaviour is the same on this Node as on the others [NODE-015]",
  () => expectToPass("streams"),
  TIMEOUT_MS,
);

// Red when: a write is called back before an earlier one; `end` comes after `finish`; the first chunk waits for a tick;
// an option is missing; a read() for each event misses a chunk; or a stream destroyed without an error is `errored`.
test(
  "pipeDuplex() and duplexPair() behave like Node's own, in more than seventy scenes [NODE-001] [NODE-003] [NODE-004] [NODE-016] [NODE-017] [NODE-020]",
  () => expectToPass("pass-through"),
  TIMEOUT_MS,
);

// Red when: the writable or the readable mark of a pair is 0, a request's body does not emit `readable` for each chunk,
// or a sink's error is lost.
test(
  "http, http2, TLS, readline, zlib, archiver, busboy, csv-parse, S3 uploads, files and processes work over the conversions [NODE-019] [NODE-020] [PIPE-016] [PIPE-017]",
  () => expectToPass("ecosystem"),
  TIMEOUT_MS,
);

// Red when: a client that closes the connection does not end the pipe at the server, or vice versa.
test(
  "fetch, undici, hono, fastify and ws work over the conversions, and either side can close the connection [NODE-020]",
  () => expectToPass("web-servers"),
  TIMEOUT_MS,
);
