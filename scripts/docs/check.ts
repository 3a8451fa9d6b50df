// Runs every program of every README and page as a user would: from the packed packages, in an empty folder. It type-checks
// each one with and without the DOM library, and compares its output with the page.
import { execFile, execFileSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Command } from "commander";
import { type Program, programsOf } from "./code-blocks.ts";

const RUN_MS = 20_000;

const command = new Command("npm run docs:check --")
  .description("Runs the programs of all READMEs and pages from the packed packages, in an empty folder.")
  .option("--only <text>", "check only pages whose path contains this text")
  .option("--node <path>", "the Node that runs the programs", process.execPath)
  .option("--keep", "keep the folder")
  .allowExcessArguments(false)
  .parse();
const { only = "", node, keep } = command.opts<{ only?: string; node: string; keep?: boolean }>();

const pages = globSync(["README.md", "packages/*/README.md", "examples/*/README.md", "docs/**/*.md"]).filter(
  (page) => !/node_modules|docs\/(packages|reference)\//.test(page) && page.includes(only),
);
const programs = pages.toSorted().flatMap((page) => programsOf(page, readFileSync(page, "utf8")));
const folder = mkdtempSync(join(tmpdir(), "pipe512-pages-"));
try {
  install();
  const server = await sink();
  const problems = [...typeProblems(), ...(await runProblems((server.address() as AddressInfo).port))];
  server.close();
  for (const problem of problems) console.log(problem);
  const compared = programs.filter(({ prints }) => prints !== undefined).length;
  console.log(
    `${programs.length} programs of ${pages.length} pages, ${compared} compared with the output on the page: ${problems.length} problems`,
  );
  if (problems.length > 0 || programs.length === 0) process.exitCode = 1;
} finally {
  if (keep === true) console.log(folder);
  else rmSync(folder, { recursive: true, force: true });
}

/** Installs the packed packages, and the other packages that the pages import. */
function install(): void {
  const packages = globSync("packages/*/package.json")
    .map((file) => ({ file, manifest: JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown> }))
    .filter(({ manifest }) => manifest["private"] !== true);
  const workspaces = packages.flatMap(({ manifest }) => ["--workspace", String(manifest["name"])]);
  execFileSync("npm", ["pack", "--silent", "--pack-destination", folder, ...workspaces], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  const tarballs = readdirSync(folder).map((name) => `./${name}`);
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, type: "module" }));
  const root = JSON.parse(readFileSync("package.json", "utf8")) as {
    devDependencies: Record<string, string>;
  };
  // Each peer dependency in the version that its package is tested with.
  const peers = packages.flatMap(({ manifest }) => {
    const { peerDependencies = {}, devDependencies = {} } = manifest as Record<
      string,
      Record<string, string>
    >;
    return Object.keys(peerDependencies).map((peer) => `${peer}@${devDependencies[peer] ?? "latest"}`);
  });
  const besides = [
    `vitest@${root.devDependencies["vitest"]}`,
    `@nats-io/transport-node@${root.devDependencies["@nats-io/transport-node"]}`,
    `typescript@${root.devDependencies["typescript"]}`,
    `@types/node@${root.devDependencies["@types/node"]}`,
    ...peers,
  ];
  execFileSync("npm", ["install", "--silent", "--prefer-offline", ...tarballs, ...besides], {
    cwd: folder,
    stdio: "inherit",
  });
  copyFileSync("LICENSE", join(folder, "LICENSE")); // A page's program reads it.
  mkdirSync(join(folder, "src"));
  for (const [index, { code }] of programs.entries()) {
    writeFileSync(join(folder, "src", `${index}.ts`), `${code}\nexport {};\n`);
  }
}

function typeProblems(): string[] {
  const base = {
    target: "es2022",
    module: "nodenext",
    strict: true,
    skipLibCheck: false,
    types: ["node"],
    rootDir: "src",
  };
  const lib = ["es2023", "esnext.disposable"];
  const dom = ["dom", "dom.iterable", "dom.asynciterable"];
  const problems = new Set<string>();
  for (const [name, compilerOptions] of [
    ["with DOM", { ...base, lib: [...lib, ...dom], outDir: "out" }],
    ["without DOM", { ...base, lib, noEmit: true }],
  ] as const) {
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["src"] }));
    try {
      execFileSync("node_modules/.bin/tsc", ["-p", ".", "--pretty", "false"], {
        cwd: folder,
        encoding: "utf8",
      });
    } catch (error) {
      const { stdout } = error as { stdout: string };
      for (const line of stdout.trim().split("\n")) {
        const [, index, row, message] = /^src\/(\d+)\.ts\((\d+),\d+\): (.*)$/.exec(line) ?? [];
        const program = programs[Number(index)];
        problems.add(program === undefined ? line : `${placeOf(program, Number(row))}: ${name}: ${message}`);
      }
    }
  }
  return [...problems];
}

/** A server that accepts uploads. A program finds its address in the environment variable `URL`. */
async function sink(): Promise<Server> {
  const server = createServer((request, response) => request.resume().on("end", () => response.end())).listen(
    0,
  );
  await once(server, "listening");
  return server;
}

async function runProblems(port: number): Promise<string[]> {
  const problems: string[] = [];
  for (const [index, program] of programs.entries()) {
    const file = join(folder, "out", `${index}.js`);
    if (program.isStatic || !existsSync(file)) continue;
    const { stdout, failure } = await run(file, port);
    const place = placeOf(program, 0);
    if (failure !== undefined) problems.push(`${place}: ${failure}`);
    else if (program.prints !== undefined && stdout.trimEnd() !== program.prints.trimEnd()) {
      problems.push(`${place}: prints\n${stdout}but the page says\n${program.prints}`);
    }
  }
  return problems;
}

function run(file: string, port: number): Promise<{ stdout: string; failure: string | undefined }> {
  return new Promise((done) => {
    execFile(
      resolve(node),
      [file],
      {
        cwd: folder,
        timeout: RUN_MS,
        env: { ...process.env, NODE_OPTIONS: "", NO_COLOR: "1", URL: `http://localhost:${port}` },
      },
      (error, stdout, stderr) => {
        const failure =
          error === null ? undefined : `ends with ${error.code ?? error.signal}: ${reasonIn(stderr)}`;
        done({ stdout, failure });
      },
    );
  });
}

function placeOf({ page, line }: Program, row: number): string {
  return `${page}:${line + row}`;
}

/** The line of an uncaught error that contains its name. */
function reasonIn(stderr: string): string {
  const lines = stderr.split("\n");
  return lines.find((line) => /^(\w*Error|\[?\w+)\b.*:/.test(line)) ?? lines[0] ?? "";
}
