import { describe } from "vitest";
import { test } from "../support/nats.ts";
import { killed, stoppedReader } from "./killed-programs.ts";

describe("two programs, whose bytes are compared by SHA-256", { timeout: 120_000 }, () => {
  // Red when: natsReader() starts at the committed position in place of `from`.
  test("A reader that is killed -9 three times continues at `from`, and reads no byte twice [NATS-002]", ({
    machines,
  }) => killed(machines, ["reader"], "manual"));

  // Red when: the intake passes on every frame without checking its offset.
  test('A reader that is killed -9 three times continues at its committed position with "auto" [NATS-002]', ({
    machines,
  }) => killed(machines, ["reader"], "auto"));

  // Red when: a writer's position is that of the record alone, and not of the last frame.
  test("A writer that is killed -9 three times continues at its position [NATS-003]", ({ machines }) =>
    killed(machines, ["writer"], "manual"));

  // Red when: the intake passes on every frame without checking its offset.
  test("A server that is killed -9 three times loses and doubles nothing [NATS-001]", ({ machines }) =>
    killed(machines, ["server"], "manual"));

  // Red when: natsReader() starts at the committed position in place of `from`.
  test("Server and reader, killed -9 together three times, lose and double nothing [NATS-001] [NATS-002]", ({
    machines,
  }) => killed(machines, ["server", "reader"], "manual"));

  // Red when: natsReader() starts at the committed position in place of `from`.
  test("Reader and writer, killed -9 together three times, lose and double nothing [NATS-002] [NATS-003]", ({
    machines,
  }) => killed(machines, ["reader", "writer"], "manual"));

  // Red when: the intake passes on every frame without checking its offset.
  test("Server and writer, killed -9 together three times, lose and double nothing [NATS-003]", ({
    machines,
  }) => killed(machines, ["server", "writer"], "manual"));

  // Red when: the lease of the writer never ends.
  test("A reader that is stopped for longer than its lease is lost, and gets the accepted bytes before the error [NATS-007]", ({
    machines,
  }) => stoppedReader(machines));
});
