import { describe } from "vitest";
import { test } from "../support/nats.ts";
import { killed, stoppedReader } from "./killed-programs.ts";

describe("two programs, whose bytes are compared by SHA-256", { timeout: 120_000 }, () => {
  // Red when: natsReader() takes what was committed for its start in place of `from`.
  test("A reader that is killed -9 three times goes on at `from`, with nothing read twice [NATS-002]", ({
    machines,
  }) => killed(machines, ["reader"], "manual"));

  // Red when: the intake passes on every frame, without a look at its offset.
  test('A reader that is killed -9 three times goes on at what it committed with "auto" [NATS-002]', ({
    machines,
  }) => killed(machines, ["reader"], "auto"));

  // Red when: a writer's position is that of the record alone, and not of the last frame.
  test("A writer that is killed -9 three times goes on at its position [NATS-003]", ({ machines }) =>
    killed(machines, ["writer"], "manual"));

  // Red when: the intake passes on every frame, without a look at its offset.
  test("A server that is killed -9 three times loses and doubles nothing [NATS-001]", ({ machines }) =>
    killed(machines, ["server"], "manual"));

  // Red when: natsReader() takes what was committed for its start in place of `from`.
  test("Server and reader, killed -9 together three times, lose and double nothing [NATS-001] [NATS-002]", ({
    machines,
  }) => killed(machines, ["server", "reader"], "manual"));

  // Red when: natsReader() takes what was committed for its start in place of `from`.
  test("Reader and writer, killed -9 together three times, lose and double nothing [NATS-002] [NATS-003]", ({
    machines,
  }) => killed(machines, ["reader", "writer"], "manual"));

  // Red when: the intake passes on every frame, without a look at its offset.
  test("Server and writer, killed -9 together three times, lose and double nothing [NATS-003]", ({
    machines,
  }) => killed(machines, ["server", "writer"], "manual"));

  // Red when: the lease of the writer never ends.
  test("A reader that stands still past its lease is lost, and gets the accepted bytes before the error [NATS-007]", ({
    machines,
  }) => stoppedReader(machines));
});
