import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, preview, type PreviewServer } from "vite";

/** The page on a port of this machine. */
export class PageServer {
  readonly url: string;
  readonly #server: PreviewServer;
  readonly #folder: string;

  /** Builds the page from its sources, in half a second, and serves it. Built, a worker loads 10 files instead of 200. */
  static async start(): Promise<PageServer> {
    const folder = mkdtempSync(join(tmpdir(), "pipe512-page-"));
    const root = fileURLToPath(new URL("./", import.meta.url));
    const shared = { configFile: false, root, build: { outDir: folder, target: "esnext" } } as const;
    await build({
      ...shared,
      logLevel: "error", // A warning for each import of Node would hide the address. Those implementations do not run here.
      resolve: { conditions: ["@pipe512/source", "module", "browser", "import", "default"] },
      worker: { format: "es" },
    });
    // A page with these two headers has more precise clocks.
    const headers = {
      "Cross-Origin-Opener-Policy": "same-origin",
      "Cross-Origin-Embedder-Policy": "require-corp",
    };
    return new PageServer(await preview({ ...shared, logLevel: "warn", preview: { headers } }), folder);
  }

  private constructor(server: PreviewServer, folder: string) {
    const [url] = server.resolvedUrls?.local ?? [];
    if (url === undefined) throw new Error("The server of the page has no local address");
    this.url = url;
    this.#server = server;
    this.#folder = folder;
  }

  async close(): Promise<void> {
    await this.#server.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
