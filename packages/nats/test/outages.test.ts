import { rejection } from "@pipe512/testing/promises";
import { expect } from "vitest";
import { isTransient } from "../src/store.ts";
import { test } from "./support/nats.ts";

// Red when: the name that nats.js gives to this error is misspelt. A stream that was created a moment ago may not answer yet.
test("An opening is tried again while no stream answers for a subject [NATS-001]", async ({ machines }) => {
  const { connection } = machines.writing;
  const error = await rejection(connection.request("nobody.listens.here"));
  expect(error).toMatchObject({ cause: { message: expect.stringMatching(/^no responders/) } });
  expect(isTransient(error)).toBe(true);
  expect(isTransient(new Error("other"))).toBe(false);
});
