import { describe } from "vitest";
import { test } from "../support/nats.ts";
import { leavingReader, leavingWriter, lostReader, lostWriter, twoReaders, twoWriters } from "./ends.ts";

describe("ends that are opened and lost", { timeout: 60_000 }, () => {
  // Red when: a frame names only the sequence that it must follow, not the id, so that it gets stored behind the newer writer's attach.
  test("A second natsWriter() takes over during a transfer, and the first one fails [NATS-008]", ({
    machines,
  }) => twoWriters(machines));

  // Red when: a record does not name the sequence that it must follow.
  test("A second natsReader() takes over during a transfer, and the first one fails [NATS-008]", ({
    machines,
  }) => twoReaders(machines));

  // Red when: the lease of the reader never ends.
  test("After a writer is lost, its reader gets the accepted bytes, then an AbandonedPipeError, in time [NATS-007]", ({
    machines,
  }) => lostWriter(machines));

  // Red when: the lease of the writer never ends.
  test("After a reader is lost, writes reject with an AbandonedPipeError, in time; a later reader gets the accepted bytes [NATS-007]", ({
    machines,
  }) => lostReader(machines));

  // Red when: the end is framed before the gathered bytes.
  test("NatsWriter.close() during a transfer delivers every byte, then the end [NATS-001]", ({ machines }) =>
    leavingWriter(machines, "close"));

  // Red when: an error arrives without its code.
  test("NatsWriter.closeWithError() during a transfer delivers every byte, then the error [NATS-001]", ({
    machines,
  }) => leavingWriter(machines, "closeWithError"));

  // Red when: the writer ignores records.
  test("NatsReader.close() during a transfer rejects the writes at once [NATS-006]", ({ machines }) =>
    leavingReader(machines, "close"));

  // Red when: the record contains no error.
  test("NatsReader.closeWithError() during a transfer rejects the writes with that error at once [NATS-006]", ({
    machines,
  }) => leavingReader(machines, "closeWithError"));
});
