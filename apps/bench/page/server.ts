import { fileURLToPath } from "node:url";
import { createServer, type ViteDevServer } from "vite";

/** Serves the page from its sources. */
export async function servePage(port?: number): Promise<ViteDevServer> {
  const server = await createServer({
    configFile: false,
    root: fileURLToPath(new URL("./", import.meta.url)),
    logLevel: "warn",
    resolve: { conditions: ["@pipe512/source", "module", "browser", "import", "default"] },
    // Everything that the comparison needs is prepared at once. Otherwise the page would reload when it is first used.
    optimizeDeps: { include: ["rxjs", "simple-statistics", "it-queueless-pushable", "web-streams-polyfill"] },
    cacheDir: fileURLToPath(new URL("../node_modules/.vite/", import.meta.url)),
    server: {
      ...(port === undefined ? {} : { port }),
      // A page with these two headers has more precise clocks.
      headers: {
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Embedder-Policy": "require-corp",
      },
    },
  });
  return server.listen();
}
