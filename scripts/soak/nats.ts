import { spawnSync } from "node:child_process";

/** Injects every fault of the pipe between machines `rounds` times, with real servers. A round takes about four minutes. */
export function soakNats(rounds: number): void {
  if (rounds === 0) return;
  const program = process.env["NATS_SERVER"] ?? "nats-server";
  if (spawnSync(program, ["--version"]).status !== 0) {
    console.log("skipped: faults between machines: nats-server is missing; apt-get install nats-server");
    return;
  }
  const path = "packages/nats/test/programs/faults.ts";
  const { status } = spawnSync(process.execPath, ["--conditions=@pipe512/source", path, String(rounds)], {
    stdio: ["ignore", "inherit", "inherit"],
  });
  if (status !== 0) throw new Error(`Failed: node --conditions=@pipe512/source ${path} ${rounds}`);
}
