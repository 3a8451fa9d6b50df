import { join, resolve } from "node:path";
import Table from "cli-table3";
import { command } from "../publishing/command.ts";

interface Import {
  readonly from: string;
  readonly name: string;
}

interface Bundled extends Import {
  readonly sizes: Readonly<Record<string, number>>;
  readonly bundles: readonly string[];
}

/** Single imports, as in an application that needs nothing else of the package. */
const SINGLE: readonly Import[] = [
  { from: "@pipe512/core", name: "pipe" },
  { from: "@pipe512/core", name: "copy" },
  { from: "@pipe512/core/sync", name: "Mutex" },
  { from: "@pipe512/core/shared", name: "SharedMutex" },
  { from: "@pipe512/node", name: "toReadable" },
  { from: "@pipe512/web", name: "toReadableStream" },
  { from: "@pipe512/rxjs", name: "toObservable" },
];

/** The largest allowed ratio between the bundles of two bundlers. */
const MOST_APART = 1.25;

/** Bundles single imports and whole packages, and runs the bundles. Returns a table and the problems. */
export async function bundleAll(
  folder: string,
  entries: readonly string[],
  external: readonly string[],
): Promise<{ readonly table: string; readonly problems: string[] }> {
  const imports = [...SINGLE, ...entries.map((from) => ({ from, name: "*" }))];
  const program = resolve("tools/compatibility/bundle.mjs");
  const input = JSON.stringify({ imports, external });
  const results = JSON.parse(
    await command(process.execPath, [program, folder], { cwd: folder, input }),
  ) as Bundled[];

  const bundlers = Object.keys(results[0]?.sizes ?? {});
  const table = new Table({ head: ["bytes, compressed", ...bundlers], style: { head: [], border: [] } });
  const problems: string[] = [];
  for (const { from, name, sizes, bundles } of results) {
    const what = name === "*" ? `all of ${from}` : `${name} of ${from}`;
    table.push([what, ...Object.values(sizes)]);
    const [least, most] = [Math.min(...Object.values(sizes)), Math.max(...Object.values(sizes))];
    if (most > least * MOST_APART + 100) problems.push(`${what}: ${JSON.stringify(sizes)} are too far apart`);
    const whole = results.find((other) => other.from === from && other.name === "*");
    for (const [bundler, size] of Object.entries(sizes)) {
      if (name !== "*" && size >= (whole?.sizes[bundler] ?? Infinity))
        problems.push(`${what} is as large as the whole package in ${bundler}: unused code is not removed`);
    }
    for (const bundle of bundles) problems.push(...(await runProblem(bundle, what)));
  }
  return { table: table.toString(), problems };

  async function runProblem(bundle: string, what: string): Promise<string[]> {
    const check = `
      await import(${JSON.stringify(`./${bundle}`)});
      if (globalThis.used === undefined) throw new Error("nothing was imported");
      if (globalThis.used.name !== "pipe") process.exit();
      const { reader, writer } = used();
      void writer.write(new Uint8Array(1033)).then(() => writer.close());
      let bytes = 0;
      for await (const chunk of reader) bytes += chunk.length;
      if (bytes !== 1033) throw new Error("1033 bytes were written; got " + bytes);`;
    try {
      await command(process.execPath, ["--input-type=module", "--eval", check], { cwd: folder });
      return [];
    } catch (error) {
      return [`${what}: ${join(folder, bundle)}: ${(error as Error).message}`];
    }
  }
}
