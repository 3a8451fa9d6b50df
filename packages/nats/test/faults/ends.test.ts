import { describe } from "vitest";
import { test } from "../support/nats.ts";
import { leavingReader, leavingWriter, lostReader, lostWriter, twoReaders, twoWriters } from "./ends.ts";

describe("ends that come and go", { timeout: 60_000 }, () => {
  // Red when: a frame says the sequence that it must follow in place of the id, so that one gets in behind the newer writer's attach.
  test("A second natsWriter() takes over in the middle, and the first one fails [NATS-008]", ({ machines }) =>
    twoWriters(machines));

  // Red when: a record does not say the sequence that it must follow.
  test("A second natsReader() takes over in the middle, and the first one fails [NATS-008]", ({ machines }) =>
    twoReaders(machines));

  // Red when: the lease of the reader never ends.
  test("A writer that is gone for good is an AbandonedPipeError, in time, after the accepted bytes [NATS-007]", ({
    machines,
  }) => lostWriter(machines));

  // Red when: the lease of the writer never ends.
  test("A reader that is gone for good is an AbandonedPipeError, in time; one that comes gets the accepted bytes [NATS-007]", ({
    machines,
  }) => lostReader(machines));

  // Red when: the end is framed before what is gathered.
  test("NatsWriter.close() in the middle lets the reader have everything, then the end [NATS-001]", ({
    machines,
  }) => leavingWriter(machines, "close"));

  // Red when: an error crosses without its code.
  test("NatsWriter.closeWithError() in the middle lets the reader have everything, then the error [NATS-001]", ({
    machines,
  }) => leavingWriter(machines, "closeWithError"));

  // Red when: the writer does not listen for records.
  test("NatsReader.close() in the middle rejects the writes at once [NATS-006]", ({ machines }) =>
    leavingReader(machines, "close"));

  // Red when: the record has no error.
  test("NatsReader.closeWithError() in the middle rejects the writes with that error at once [NATS-006]", ({
    machines,
  }) => leavingReader(machines, "closeWithError"));
});
