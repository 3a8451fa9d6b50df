import { join } from "node:path";
import type { Toolchain } from "./compiled-program.ts";

/** The compilers of the implementations that are not JavaScript. */
export const toolchains = {
  go: {
    name: "io-pipe",
    sources: new URL("../go/", import.meta.url),
    ask: ["go", "env", "GOVERSION", "GOOS", "GOARCH"],
    version: (answer) => answer.split(/\s+/).join("-"),
    missing:
      "No Go on PATH: install it from https://go.dev/dl/ (Debian: apt install golang-go) to compare with io.Pipe",
    command: (output, cache) => ({
      line: ["go", "build", "-o", output, "."],
      env: { GOCACHE: join(cache, "go-build") },
    }),
  },
  c: {
    name: "c-ring",
    sources: new URL("../c/", import.meta.url),
    ask: ["cc", "--version"],
    version: (answer) => answer.split("\n")[0] ?? "",
    missing: "No C compiler on PATH as cc (Debian: apt install gcc libc6-dev) to compare with a ring in C",
    command: (output) => ({ line: ["cc", "-std=c11", "-O2", "-pthread", "-o", output, "ring.c"] }),
  },
} as const satisfies Record<string, Toolchain>;
