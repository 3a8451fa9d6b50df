import { headers } from "@nats-io/nats-core";
import { expect, test } from "vitest";
import { errorFrom, errorText } from "../src/errors.ts";
import { readerSteps, transition, writerSteps } from "../src/states.ts";
import {
  errorBytes,
  frameHeaders,
  frameId,
  parseAnswer,
  parseFrame,
  parseRecord,
  recordBytes,
} from "../src/wire.ts";

const session = { order: 3, id: "Vk8sAb" };
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

// Red when: the header's parts come in another order.
test("A frame's headers contain its kind, session and offset, and the message that it follows [NATS-001]", () => {
  const first = frameHeaders({ kind: "data", session, offset: 1033 }, frameId(session, 2, 7), 41);
  expect(first.get("P512")).toBe("d,3.Vk8sAb,1033");
  expect(first.get("Nats-Msg-Id")).toBe("Vk8sAb.2.7");
  expect(first.get("Nats-Expected-Last-Sequence")).toBe("41");
  const next = frameHeaders(
    { kind: "end", session, offset: 1033 },
    frameId(session, 2, 8),
    frameId(session, 2, 7),
  );
  expect(next.get("Nats-Expected-Last-Msg-Id")).toBe("Vk8sAb.2.7");
  expect(next.has("Nats-Expected-Last-Sequence")).toBe(false);
  expect(parseFrame(next)).toEqual({ kind: "end", session, offset: 1033 });
});

// Red when: another header is parsed as that of a frame.
test.for(["", "d", "d,3.a", "q,3.a,0", "d,3,0", "d,3.a,-1", "d,3.a,1e3", "d,x.a,0"])(
  "parseFrame() rejects a header that is not a frame's: %j [NATS-001]",
  (text) => {
    const hdrs = headers();
    if (text !== "") hdrs.set("P512", text);
    expect(parseFrame(hdrs)).toBeUndefined();
    expect(parseFrame(undefined)).toBeUndefined();
  },
);

// Red when: the record lacks the state.
test("A record crosses as JSON, and a record of another version is rejected [NATS-005]", () => {
  const record = {
    pid: "p",
    session,
    pos: 511,
    state: "closed",
    error: { name: "E", message: "m" },
  } as const;
  expect(parseRecord(bytes(recordBytes(record)))).toEqual(record);
  expect(() => parseRecord(bytes('{"v":2}'))).toThrow(
    "it has version 2, not 1; use one version of @pipe512/nats on both sides",
  );
});

// Red when: an answer without a body counts as stored.
test("An answer is a sequence or a rejection; an answer without a body is a rejection [NATS-005]", () => {
  expect(parseAnswer(bytes('{"stream":"P512","seq":7}'), undefined)).toEqual({ sequence: 7 });
  const refusal = '{"error":{"code":400,"err_code":10071,"description":"wrong last sequence: 7"}}';
  expect(parseAnswer(bytes(refusal), undefined)).toEqual({
    status: 400,
    code: 10_071,
    description: "wrong last sequence: 7",
  });
  expect(parseAnswer(bytes(""), undefined)).toMatchObject({ status: 503 });
});

// Red when: the message is not cut.
test("An error of any length fits into a message of the smallest pipe [NATS-006]", () => {
  const error = Object.assign(new Error("🙂".repeat(5000)), {
    code: "E".repeat(5000),
    name: "N".repeat(5000),
  });
  expect(errorBytes(errorText(error)).length).toBeLessThan(1200);
  expect(errorText(error).message).toBe("🙂".repeat(200));
});

// Red when: a value that is not an error arrives as undefined.
test.for([
  [undefined, "undefined"],
  [null, "null"],
  [0, "0"],
  ["", '""'],
  [{}, "[object Object]"],
  [Object.create(null), "[object Object]"],
] as const)(
  "A value that is not an Error becomes an Error that shows it: %s [NATS-006]",
  ([value, message]) => {
    expect(errorFrom(errorText(value))).toMatchObject({ name: "Error", message });
  },
);

// Red when: transition() returns without checking the table.
test("An end changes its state only as the table allows [NATS-008]", () => {
  expect(transition(writerSteps, "repairing", "flowing")).toBe("flowing");
  expect(() => transition(writerSteps, "done", "flowing")).toThrow('Cannot go from "done" to "flowing"');
  expect(() => transition(readerSteps, "closed", "done")).toThrow("there is no such step");
});
