import { type BufferedReader, bufferedReader, pipe, type Reader } from "@pipe512/core";
import { joined } from "@pipe512/testing/bytes";
import { expect, test } from "vitest";
import { newSeed, random } from "../support/random.ts";
import { PlainReader } from "./plain-ends.ts";

const SEQUENCES = 10_000;
const OPERATIONS = 12;

type Random = (below: number) => number;

/** A buffered reader over random pieces of random bytes, and the plain array that determines the expected results. */
interface Subject {
  readonly reader: BufferedReader;
  readonly chunkSize: number;
  /** The bytes to be read, in order. */
  rest: Uint8Array;
  /** What follows the bytes: the end, or this error. */
  readonly ending: { readonly error: unknown } | undefined;
}

/** Text of only a few different bytes, so that delimiters of one and of two bytes occur often, but not everywhere. */
function content(next: Random): Uint8Array {
  const alphabet = [0x61, 0x62, 0x0d, 0x0a, 0x0a, 0x3a];
  return Uint8Array.from({ length: next(60) }, () => alphabet[next(alphabet.length)] as number);
}

function pieces(bytes: Uint8Array, next: Random): Uint8Array[] {
  const parts: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += (parts.at(-1) as Uint8Array).length) {
    parts.push(bytes.slice(at, at + 1 + next(12)));
  }
  return parts;
}

function subject(next: Random): Subject {
  const rest = content(next);
  const ending = next(2) === 0 ? undefined : { error: new Error("disk") };
  const chunkSize = 1 + next(20);
  const parts = pieces(rest, next);
  let source: Reader;
  if (next(2) === 0) {
    source = new PlainReader(parts, ending ?? "end");
  } else {
    const { reader, writer } = pipe();
    source = reader;
    void (async () => {
      for (const part of parts) {
        for (let turns = next(6); turns > 0; turns--) await Promise.resolve();
        await writer.write(part);
      }
      if (ending === undefined) writer.close();
      else writer.closeWithError(ending.error);
    })().catch(() => {});
  }
  return { reader: bufferedReader(source, { chunkSize }), chunkSize, rest, ending };
}

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

function indexOf(bytes: Uint8Array, delimiter: Uint8Array): number {
  return bytes.findIndex((_, at) => delimiter.every((byte, index) => bytes[at + index] === byte));
}

/** The expected result of an operation: some bytes and how many are consumed, or the end, or not known yet. */
type Expected = { readonly value: unknown; readonly taken: number } | "ending";

/** One operation, and its expected result by the plain array. `null` stands for "any number of the next bytes, at least one". */
function operation(
  next: Random,
  { reader, chunkSize, rest, ending }: Subject,
): [name: string, call: (signal: AbortSignal | undefined) => Promise<unknown>, expected: Expected | null] {
  const ends = ending === undefined;
  const atEnd = (value: unknown, taken: number): Expected => (ends ? { value, taken } : "ending");
  switch (next(8)) {
    case 0: {
      const into = new Uint8Array(1 + next(25));
      const call = async (signal: AbortSignal | undefined): Promise<unknown> => {
        const count = await reader.read(into, { signal });
        return count === null ? null : into.slice(0, count);
      };
      return [`read(${into.length})`, call, rest.length === 0 ? atEnd(null, 0) : null];
    }
    case 1: {
      const maxBytes = 1 + next(10);
      return [
        `readChunk(${maxBytes})`,
        (signal) => reader.readChunk({ signal, maxBytes }),
        rest.length === 0 ? atEnd(null, 0) : null,
      ];
    }
    case 2: {
      const count = next(chunkSize + 1);
      const expected =
        count <= rest.length ? { value: rest.slice(0, count), taken: 0 } : atEnd(rest.slice(), 0);
      return [`peek(${count})`, (signal) => reader.peek(count, { signal }), expected];
    }
    case 3: {
      const count = next(30);
      const short = rest.length === 0 ? atEnd(null, 0) : atEnd({ bytesRead: rest.length }, 0);
      const expected = count <= rest.length ? { value: rest.slice(0, count), taken: count } : short;
      return [`readExactly(${count})`, (signal) => reader.readExactly(count, { signal }), expected];
    }
    case 4: {
      const delimiter = ["\n", "\r\n", "a:", "\n\na"][next(4)] as string;
      const bytes = new TextEncoder().encode(delimiter);
      const at = indexOf(rest, bytes);
      const taken = at === -1 ? rest.length : at + bytes.length;
      const expected =
        at === -1
          ? atEnd(rest.length === 0 ? null : rest.slice(), taken)
          : { value: rest.slice(0, taken), taken };
      return [
        `readUntil(${JSON.stringify(delimiter)})`,
        (signal) => reader.readUntil(delimiter, { signal }),
        expected,
      ];
    }
    case 5: {
      const at = rest.indexOf(0x0a);
      const line = text(rest.slice(0, Math.max(at, 0))).replace(/\r$/, "");
      const last = atEnd(rest.length === 0 ? null : text(rest), rest.length);
      return [
        "readLine()",
        async (signal) =>
          (signal === undefined ? reader.tryReadLine() : undefined) ?? (await reader.readLine({ signal })),
        at === -1 ? last : { value: line, taken: at + 1 },
      ];
    }
    case 6: {
      const count = next(30);
      // When the source fails inside the operation, only the progress reports how many bytes were dropped.
      if (count > rest.length && !ends) return operation(next, { reader, chunkSize, rest, ending });
      const dropped = Math.min(count, rest.length);
      return [
        `skip(${count})`,
        (signal) => (signal?.aborted ? reject(signal.reason) : reader.skip(count)),
        { value: dropped, taken: dropped },
      ];
    }
    default: {
      const bytes = content(next).subarray(0, 5);
      return [
        `unread(${bytes.length})`,
        async () => reader.unread(bytes),
        { value: undefined, taken: -bytes.length, bytes } as Expected,
      ];
    }
  }
}

const reject = (reason: unknown): Promise<never> => Promise.reject(reason);

/** Carries out one operation, and compares its result with the array. */
async function step(next: Random, tested: Subject): Promise<string> {
  const [name, call, expected] = operation(next, tested);
  const controller = new AbortController();
  const signal = next(4) === 0 ? controller.signal : undefined;
  const promise = call(signal);
  promise.catch(() => {});
  for (let turns = next(4); signal !== undefined && turns > 0; turns--) await Promise.resolve();
  controller.abort("enough");
  let outcome: { readonly value: unknown } | { readonly error: unknown };
  try {
    outcome = { value: await promise };
  } catch (error) {
    outcome = { error };
  }
  if ("error" in outcome && outcome.error === "enough") return `${name} aborted`;
  if (expected === "ending") {
    expect(outcome).toEqual({ error: tested.ending?.error });
  } else if (expected === null) {
    const bytes = (outcome as { value: Uint8Array }).value;
    expect(bytes.length).toBeGreaterThan(0);
    expect(bytes).toEqual(tested.rest.slice(0, bytes.length));
    tested.rest = tested.rest.slice(bytes.length);
  } else if ("error" in outcome) {
    expect(outcome.error).toMatchObject(expected.value as object);
  } else {
    expect(outcome.value).toEqual(expected.value);
    const put = (expected as { bytes?: Uint8Array }).bytes;
    tested.rest = put === undefined ? tested.rest.slice(expected.taken) : joined([put, tested.rest]);
  }
  expect(tested.reader.buffered).toBeLessThanOrEqual(tested.rest.length);
  return name;
}

// Red when: a byte that was put back comes behind the bytes that were read ahead; the bytes that an aborted call has read are dropped; or a
// line that was decoded ahead is returned again after other bytes were taken.
test(`bufferedReader() does what a plain array does, in ${SEQUENCES} random sequences [IO-001]`, {
  timeout: 60_000,
}, async () => {
  expect.hasAssertions();
  const seed = newSeed("buffered reader");
  for (let sequence = 0; sequence < SEQUENCES; sequence++) {
    const next = random(seed + sequence);
    const tested = subject(next);
    const names: string[] = [];
    try {
      for (let count = 0; count < OPERATIONS; count++) names.push(await step(next, tested));
    } catch (error) {
      throw new Error(`SEED=${seed + sequence}, after ${names.join(", ") || "nothing"}`, { cause: error });
    }
  }
});
