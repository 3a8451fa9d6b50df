import { describe } from "vitest";
import { test } from "../support/nats.ts";
import { cuts, latePublishes, latePublishesOfDead, lostAnswers, lostAnswerToEnd } from "./network.ts";

describe("a network that fails", { timeout: 60_000 }, () => {
  // Red when: the intake passes on every frame without checking its offset.
  test("Connections that are cut lose and double nothing [NATS-001]", ({ machines }) => cuts(machines));

  // Red when: the sender does not repair after three seconds without an answer.
  test("Answers to the writer that are lost after the server has stored lose and double nothing [NATS-001]", ({
    machines,
  }) => lostAnswers(machines, "writing"));

  // Red when: the ledger treats its own record, whose answer was lost, as that of a newer reader.
  test("Answers to the reader that are lost after the server has stored lose and double nothing [NATS-001]", ({
    machines,
  }) => lostAnswers(machines, "reading"));

  // Red when: a writer that repairs creates the stream again before it reads the record.
  test("NatsWriter.finish() resolves although the answer to the end was lost and the stream is deleted [NATS-001]", ({
    machines,
  }) => lostAnswerToEnd(machines));

  // Red when: frames name neither the sequence nor the id that they must follow, and the intake does not check offsets.
  test("Publishes that arrive after a reconnect, and after their repetition, double nothing [NATS-001]", ({
    machines,
  }) => latePublishes(machines));

  // Red when: frames do not name the message that they must follow.
  test("Publishes of a writer that was replaced arrive late, and the server stores none of them [NATS-001] [NATS-008]", ({
    machines,
  }) => latePublishesOfDead(machines));
});
