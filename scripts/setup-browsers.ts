// Installs the browsers that the tests use and that are missing: Debian's packages if apt-get exists, otherwise
// Playwright's builds.
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { browsers } from "../tools/browsers/browsers.ts";

const missing = browsers().filter(({ provider }) => provider === undefined);
const run = (...[program = "", ...args]: readonly string[]): void => {
  console.log([program, ...args].join(" "));
  execFileSync(program, args, {
    stdio: "inherit",
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
  });
};

if (missing.length === 0) {
  console.log("Chromium, Firefox and WebKit are installed");
} else if (existsSync("/usr/bin/apt-get")) {
  const aptGet = process.getuid?.() === 0 ? ["apt-get"] : ["sudo", "apt-get"];
  run(...aptGet, "update");
  run(...aptGet, "install", "-y", "--no-install-recommends", ...missing.flatMap(({ packages }) => packages));
} else {
  run("npx", "--no", "--", "playwright", "install", ...missing.map(({ name }) => name));
}
