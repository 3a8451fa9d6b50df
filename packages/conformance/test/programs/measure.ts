// Runs every case of the suite on one target, also those that it does not support, and prints the results as JSON:
// {"cases": {"title": true, …}, "extras": {…}}. Each target has its own process, so that it does
// not affect other targets. Skipped cases and their reasons go to stderr. An uncaught error fails the case that was running.
import { attempt, behaviours, type Ends } from "@pipe512/conformance";

const [target = "pipe"] = process.argv.slice(2);
const { create, pass } = (await import(`../targets/${target}.ts`)) as {
  readonly create: () => Ends;
  readonly pass: (value: unknown) => Promise<unknown>;
};

const stray: unknown[] = [];
process.on("unhandledRejection", (reason) => stray.push(reason));
process.on("uncaughtException", (error) => stray.push(error));

const cases: Record<string, boolean> = {};
for (const one of Object.values(behaviours).flat()) {
  try {
    await attempt(one, { create });
    if (stray.length > 0) throw new Error(`Left an uncaught error: ${String(stray[0])}`);
    cases[one.title] = true;
  } catch (error) {
    cases[one.title] = false;
    console.error(`${one.title}: ${error instanceof Error ? error.message : String(error)}`);
  }
  stray.length = 0;
}

// The extras: what other streams can do and the pipe cannot. A value passes if the identical value comes out.
const samples: Record<string, unknown> = {
  objects: { any: "object" },
  strings: "as they are",
  "a large chunk by reference": new Uint8Array(100_000),
};
const extras: Record<string, boolean> = {};
for (const [name, value] of Object.entries(samples)) {
  const out = await pass(value).catch(() => undefined);
  const identity = (it: unknown): unknown => (it instanceof Uint8Array ? it.buffer : it);
  extras[name] = identity(out) === identity(value);
}
console.log(JSON.stringify({ cases, extras }));
process.exit(0);
