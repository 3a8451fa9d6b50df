import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { isBuiltin } from "node:module";
import { type AddressInfo } from "node:net";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Plugin, type Rolldown } from "vite";

/** The files that the pages load: all implementations and scenarios, bundled for browsers, and the file that is sent. */
export class Site {
  readonly #server: Server;

  /** Bundles the files and serves them, for this machine only. */
  static async open(file: string): Promise<Site> {
    const scripts = await bundle();
    const server = createServer((request, response) => {
      const { pathname, searchParams } = new URL(request.url ?? "/", "http://localhost");
      // A page with these two headers has more precise clocks.
      response.setHeader("cross-origin-opener-policy", "same-origin");
      response.setHeader("cross-origin-embedder-policy", "require-corp");
      const script = scripts.get(pathname);
      if (script !== undefined) {
        response.setHeader("content-type", "text/javascript; charset=utf-8").end(script);
      } else if (pathname === "/file") {
        const mostBytes = searchParams.get("bytes");
        response.end(readFileSync(file).subarray(0, mostBytes === null ? undefined : Number(mostBytes)));
      } else if (pathname === "/") {
        response.setHeader("content-type", "text/html").end(PAGE);
      } else {
        response.writeHead(404).end();
      }
    });
    await new Promise<void>((resolve) => server.listen(0, "localhost", resolve));
    return new Site(server);
  }

  private constructor(server: Server) {
    this.#server = server;
  }

  get url(): string {
    return `http://localhost:${(this.#server.address() as AddressInfo).port}/`;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

const PAGE = `<!doctype html><link rel="icon" href="data:,"><script type="module" src="/child.js"></script>`;

/** The code of each path. Run from sources, the pages also run from sources. */
async function bundle(): Promise<Map<string, string>> {
  const extension = extname(fileURLToPath(import.meta.url));
  const child = `./child${extension}`;
  const { output } = (await build({
    configFile: false,
    root: fileURLToPath(new URL("./", import.meta.url)),
    logLevel: "error",
    plugins: [absentModules],
    resolve: {
      conditions: [
        ...(extension === ".ts" ? ["@pipe512/source"] : []),
        "module",
        "browser",
        "import",
        "default",
      ],
    },
    build: {
      write: false,
      target: "esnext",
      minify: false,
      modulePreload: false,
      rolldownOptions: {
        input: { child: fileURLToPath(new URL(child, import.meta.url)) },
        output: { entryFileNames: "[name].js" },
      },
    },
  })) as Rolldown.RolldownOutput;
  return new Map(
    output.flatMap((file) => (file.type === "chunk" ? [[`/${file.fileName}`, file.code] as const] : [])),
  );
}

/** An implementation that needs a module of Node fails when it is loaded, and not before. */
const absentModules: Plugin = {
  name: "absent-modules",
  enforce: "pre",
  resolveId: (name) => (isBuiltin(name) ? `\0absent:${name}` : undefined),
  load: (id) => {
    const [, name] = id.split("\0absent:");
    if (name === undefined) return undefined;
    // Importers of a module that is not an ECMAScript module may name any export.
    return `module.exports = {}; throw new Error(${JSON.stringify(`no browser has ${name}`)});`;
  },
};
