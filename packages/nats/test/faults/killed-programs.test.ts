import { describe } from "vitest";
import { test } from "../support/nats.ts";
import { killed, stoppedReader } from "./killed-programs.ts";

describe("kill -9, three times", () => {
  test("writer", { timeout: 40_000 }, ({ machines }) => killed(machines, ["writer"], "manual"));
  test("reader", { timeout: 40_000 }, ({ machines }) => killed(machines, ["reader"], "manual"));
  test("reader auto", { timeout: 40_000 }, ({ machines }) => killed(machines, ["reader"], "auto"));
  test("server", { timeout: 40_000 }, ({ machines }) => killed(machines, ["server"], "manual"));
  test("server and reader", { timeout: 40_000 }, ({ machines }) =>
    killed(machines, ["server", "reader"], "manual"),
  );
  test("server and reader auto", { timeout: 40_000 }, ({ machines }) =>
    killed(machines, ["server", "reader"], "auto"),
  );
  test("server and writer", { timeout: 40_000 }, ({ machines }) =>
    killed(machines, ["server", "writer"], "manual"),
  );
  test("reader and writer", { timeout: 40_000 }, ({ machines }) =>
    killed(machines, ["reader", "writer"], "manual"),
  );
  test("reader stopped", { timeout: 40_000 }, ({ machines }) => stoppedReader(machines));
});
