// A registry on loopback: node registry.mjs FOLDER UPSTREAM. It keeps published packages in FOLDER, gets other packages
// from UPSTREAM, and prints its address. It ends with its standard input, so that it does not outlive its parent process.
import { join } from "node:path";
import { runServer } from "verdaccio";

const [folder = ".", upstream = ""] = process.argv.slice(2);
const server = await runServer({
  self_path: folder,
  configPath: join(folder, "config.yaml"),
  storage: join(folder, "storage"),
  uplinks: { upstream: { url: upstream } },
  packages: {
    "@pipe512/*": { access: "$all", publish: "$all" },
    "**": { access: "$all", proxy: "upstream" },
  },
  auth: { htpasswd: { file: join(folder, "htpasswd") } },
  web: { enable: false },
  log: { type: "stdout", format: "pretty", level: "error" },
});
server.listen(0, "127.0.0.1", () => {
  console.log(`http://127.0.0.1:${server.address().port}/`);
});
process.stdin.resume().on("end", () => process.exit());
