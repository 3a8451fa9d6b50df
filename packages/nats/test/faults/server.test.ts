import { describe } from "vitest";
import { test } from "../support/nats.ts";
import { killedServer, rolledBack, stoppedServer } from "./server.ts";

describe("a server that fails", { timeout: 60_000 }, () => {
  // Red when: the intake passes on every frame without checking its offset.
  test("A server that is killed -9 while both ends live loses and doubles nothing [NATS-001]", ({
    machines,
  }) => killedServer(machines));

  // Red when: the lease counts time, and not round trips.
  test("A server that stops for 5 s makes no end a lost one, and loses and doubles no byte [NATS-001] [NATS-007]", ({
    machines,
  }) => stoppedServer(machines));

  // Red when: the writer keeps no frame that the server has confirmed.
  test("A server that restarts with the store of 150 to 400 ms ago loses and doubles no byte [NATS-001]", ({
    machines,
  }) => rolledBack(machines));
});
