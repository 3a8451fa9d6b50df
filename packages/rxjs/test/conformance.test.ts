import { conformance, type Ends, everything, type Framework, vitest } from "@pipe512/conformance";
import { pipe } from "@pipe512/core";
import { fromObservable, readEach, toObservable } from "@pipe512/rxjs";
import { describe, test } from "vitest";

const framework = vitest({ describe, test });

/** Relays one pipe into another. The next chunk is read when the second pipe has accepted the last one. */
function relay(): Ends {
  const [front, back] = [pipe(), pipe()];
  const relayed = readEach(front.reader, (chunk) => back.writer.write(chunk));
  const subscription = relayed.subscribe({
    error: (error: unknown) => {
      back.writer.closeWithError(error);
      front.reader.closeWithError(error);
    },
    complete: () => back.writer.close(),
  });
  const reader = {
    read: back.reader.read.bind(back.reader),
    readChunk: back.reader.readChunk.bind(back.reader),
    closed: back.reader.closed,
    close() {
      back.reader.close();
      subscription.unsubscribe();
    },
    closeWithError(error: unknown) {
      back.reader.closeWithError(error);
      front.reader.closeWithError(error);
    },
  };
  return { reader, writer: front.writer };
}

conformance(
  {
    name: "readEach() from one pipe into another",
    create: relay,
    supports: {
      ...everything,
      hardCap: "two pipes hold twice as many bytes, plus one chunk between them",
      transfer: "the relay copies",
      tryOperations: "the relay has no synchronous operations",
      spanningReads: "the bytes of several writes may be in both pipes",
      detachedArrays: "the first pipe's reader is always waiting, so no write waits",
      abandonment: "the relay holds both ends",
    },
  },
  framework,
);

/** From reader to Observable and back. The queue is larger than anything the suite writes. */
function roundTrip(): Ends {
  const { reader, writer } = pipe();
  return { reader: fromObservable(toObservable(reader), { maxBytes: 1 << 24 }), writer };
}

const takesAll = "an Observable accepts every value, so no write waits";
const tellsLater = "the source is unsubscribed in a later iteration of the event loop, and without a reason";

/** The cases, by title, that no conversion to an Observable can pass. */
const beyondObservables: Readonly<Record<string, string>> = {
  "Writer.write() waits after at most 1 MiB": takesAll,
  "Writer.write() of 0 bytes rejects on a closed target": tellsLater,
  "Reader.close() rejects the pending writes": takesAll,
  "No operation stays pending after a close": takesAll,
  "A waiting end gets the accepted bytes": takesAll,
  "Writer.closeWithError() rejects the pending writes": takesAll,
  "Writer.closeWithError() rejects the writer's own writes": takesAll,
  "Reader.closeWithError() rejects pending and later writes": takesAll,
  "Reader.closeWithError() accepts any value": tellsLater,
  "Reader.closeWithError() and Writer.closeWithError() have an effect only": tellsLater,
  "A queued write rejects on abort": takesAll,
  "An aborted write sets": takesAll,
  "A signal has no listener left": takesAll,
  "Code that runs after an operation may close": takesAll,
};

/** Like `framework`, but skips the cases that Observables cannot pass, with the reason. */
const bridged: Framework = {
  ...framework,
  test(title, run) {
    const [, reason] = Object.entries(beyondObservables).find(([start]) => title.startsWith(start)) ?? [];
    if (reason === undefined) framework.test(title, run);
    else framework.skip(title, reason);
  },
};

conformance(
  {
    name: "toObservable() and fromObservable()",
    create: roundTrip,
    supports: {
      ...everything,
      hardCap: takesAll,
      transfer: "queued bytes are copied",
      tryOperations: tellsLater,
      detachedArrays: takesAll,
    },
  },
  bridged,
);
