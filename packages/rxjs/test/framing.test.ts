import { fromIterable, lines as linesOfReader } from "@pipe512/core";
import { decodeText, lines, rechunk } from "@pipe512/rxjs";
import { cut, expectWhole, joined, sequence } from "@pipe512/testing/bytes";
import {
  concat,
  from,
  lastValueFrom,
  NEVER,
  type Observable,
  of,
  Subject,
  take,
  throwError,
  toArray,
} from "rxjs";
import { TestScheduler } from "rxjs/testing";
import { describe, expect, test } from "vitest";
import { record } from "./support/record.ts";

const utf8 = new TextEncoder();

/** Returns everything that `source` emits synchronously. */
function emitted<T>(source: Observable<T>): T[] {
  const { values, end } = record(source);
  if (end[0] !== "complete") throw end[1];
  return values;
}

/** Runs a marble diagram. */
function marbles(
  run: (helpers: {
    cold: TestScheduler["createColdObservable"];
    hot: TestScheduler["createHotObservable"];
    expectObservable: TestScheduler["expectObservable"];
    expectSubscriptions: TestScheduler["expectSubscriptions"];
  }) => void,
): void {
  new TestScheduler((actual, expected) => expect(actual).toEqual(expected)).run(run);
}

const TEXT = "one\r\ntwo\n\nsmörgås 😀\rno border\r\r\n\ufeffmark inside\nlast without one";
const LINES = ["one", "two", "", "smörgås 😀\rno border\r", "\ufeffmark inside", "last without one"];

describe("lines()", () => {
  for (const length of [1, 2, 3, 5, 7, 11, 1000]) {
    // Red when: a byte at a chunk boundary is lost; or each chunk is decoded separately; or a CR is searched in one
    // chunk only.
    test(`lines() emits the lines of a text in chunks of ${length} bytes, characters and terminators split anywhere [RX-010]`, () => {
      expect(emitted(from(cut(utf8.encode(TEXT), length)).pipe(lines()))).toEqual(LINES);
    });
  }

  for (const text of [
    "",
    "\n",
    "\r\n",
    "\r",
    "a",
    "a\n",
    "a\r",
    "\n\n",
    "\ufeffa\n\ufeffb",
    "a\r\r\nb",
    "\u0000\n",
  ]) {
    for (const length of [1, 1000]) {
      // Red when: the result differs from lines() of the core, which decodes whole lines.
      test(`lines() emits for ${JSON.stringify(text)} in chunks of ${length} bytes the same lines as lines() of the core [RX-010]`, async () => {
        const expected: string[] = [];
        for await (const line of linesOfReader(fromIterable([text]))) expected.push(line);
        expect(emitted(from(cut(utf8.encode(text), length)).pipe(lines()))).toEqual(expected);
      });
    }
  }

  // Red when: a character cut off by a terminator, or by the end, removes other bytes.
  test("lines() replaces invalid bytes with U+FFFD, and loses no other bytes [RX-010]", () => {
    const bytes = Uint8Array.of(0x61, 0xc3, 0x0a, 0xff, 0x62, 0x0d, 0x0a, 0x63, 0xe2, 0x82);
    for (const length of [1, 2, 100]) {
      expect(emitted(from(cut(bytes, length)).pipe(lines()))).toEqual(["a\ufffd", "\ufffdb", "c\ufffd"]);
    }
  });

  for (const length of [1, 3, 1000]) {
    // Red when: the bound is off by one; or counts the terminator; or counts characters; or is checked too late.
    test(`lines() accepts lines of maxBytes, and fails with a RangeError at a longer one, after the lines before it, in chunks of ${length} bytes [RX-010]`, () => {
      for (const terminator of ["\n", "\r\n", ""]) {
        const fits = from(cut(utf8.encode(`ab\nsmör${terminator}`), length)).pipe(lines({ maxBytes: 5 }));
        expect(emitted(fits)).toEqual(["ab", "smör"]);
        const tooLong = concat(
          from(cut(utf8.encode(`ab\nsmörg${terminator}`), length)),
          terminator === "" ? of() : NEVER,
        );
        const { values, end } = record(tooLong.pipe(lines({ maxBytes: 5 })));
        expect(values).toEqual(["ab"]);
        expect(end).toEqual([
          "error",
          new RangeError("Cannot read a line of more than 5 bytes: raise maxBytes"),
        ]);
      }
    });
  }

  // Red when: a line without an end is buffered without a bound.
  test("lines() buffers no more than maxBytes of a line without an end [RX-010]", () => {
    const source = new Subject<Uint8Array>();
    const { end } = record(source.pipe(lines({ maxBytes: 1000 })));
    for (let sent = 0; sent < 1001; sent += 7) source.next(sequence(7).fill(0x61));
    source.next(Uint8Array.of(0x61));
    expect(end).toEqual(["error", expect.any(RangeError)]);
    expect(source.observed).toBe(false);
  });

  // Red when: the default of maxBytes changes.
  test("lines() accepts lines of 1,048,576 bytes by default [RX-010]", () => {
    const line = new Uint8Array(1_048_576).fill(0x61);
    expect(emitted(of(line).pipe(lines()))[0]).toHaveLength(1_048_576);
    expect(() => emitted(of(line, line.subarray(0, 1)).pipe(lines()))).toThrow(RangeError);
  });

  // Red when: a line is emitted asynchronously.
  test("lines() emits synchronously when the source emits [RX-010]", () => {
    marbles(({ hot, expectObservable }) => {
      const source = hot("       --a------b--c--|", {
        a: utf8.encode("one\ntwo\nth"),
        b: utf8.encode("ree\n"),
        c: utf8.encode("four"),
      });
      expectObservable(source.pipe(lines())).toBe("--(12)---3-----(4|)", {
        1: "one",
        2: "two",
        3: "three",
        4: "four",
      });
    });
  });

  // Red when: two subscriptions share an unfinished line.
  test("lines() keeps the unfinished lines of two subscriptions separate [RX-010]", () => {
    const source = new Subject<string>();
    const split = source.pipe(lines());
    const first = record(split);
    source.next("on");
    const second = record(split);
    source.next("e\n");
    expect([first.values, second.values]).toEqual([["one"], ["e"]]);
  });
});

describe("rechunk()", () => {
  for (const size of [1, 511, 512, 513]) {
    for (const length of [1, 512, 1033]) {
      // Red when: a byte, or the last, shorter array, is lost or duplicated at a boundary.
      test(`rechunk(${size}) cuts 2,000 bytes in chunks of ${length} into arrays of ${size} bytes, the last one shorter [RX-010]`, () => {
        const frames = emitted(from(cut(sequence(2000), length)).pipe(rechunk(size)));
        expectWhole(joined(frames), 2000);
        expect(frames.slice(0, -1).every((frame) => frame.length === size)).toBe(true);
        expect(frames).toHaveLength(Math.ceil(2000 / size));
      });
    }
  }

  // Red when: an emitted array is filled again.
  test("rechunk() emits arrays that the subscriber owns, even if the source reuses its own [RX-010] [RX-009]", () => {
    const source = new Subject<Uint8Array>();
    const { values } = record(source.pipe(rechunk(100)));
    const array = new Uint8Array(50);
    for (let at = 0; at < 1000; at += 50) {
      array.set(sequence(50, at));
      source.next(array);
    }
    expectWhole(joined(values), 1000);
  });

  // Red when: a frame is emitted late; or the rest is emitted before the end.
  test("rechunk() emits a frame as soon as it is complete, and the rest at the end [RX-010]", () => {
    marbles(({ hot, expectObservable }) => {
      const source = hot("           --a--a--a--|", { a: Uint8Array.of(1, 2) });
      const values = { x: Uint8Array.of(1, 2, 1), y: Uint8Array.of(2, 1, 2) };
      expectObservable(source.pipe(rechunk(3))).toBe("-----x--y--|", values);
      expectObservable(source.pipe(rechunk(4))).toBe("-----x-----(y|)", {
        x: Uint8Array.of(1, 2, 1, 2),
        y: Uint8Array.of(1, 2),
      });
    });
  });
});

describe("decodeText()", () => {
  for (const length of [1, 2, 3, 1000]) {
    // Red when: each chunk is decoded separately.
    test(`decodeText() decodes text in chunks of ${length} bytes, characters split anywhere [RX-010]`, () => {
      expect(emitted(from(cut(utf8.encode("smörgås 😀"), length)).pipe(decodeText())).join("")).toBe(
        "smörgås 😀",
      );
      const text = "smör 😀";
      const units = Uint8Array.from(
        { length: 2 * text.length },
        (_, at) => text.charCodeAt(at >> 1) >> (8 * (at & 1)),
      );
      expect(emitted(from(cut(units, length)).pipe(decodeText("utf-16le"))).join("")).toBe(text);
    });
  }

  // Red when: the decoder is not flushed at the end; or empty strings are emitted.
  test("decodeText() emits U+FFFD for a character cut off by the end, and emits no empty strings [RX-010]", () => {
    expect(
      emitted(
        of(Uint8Array.of(0x61), new Uint8Array(0), Uint8Array.of(0xe2), Uint8Array.of(0x82)).pipe(
          decodeText(),
        ),
      ),
    ).toEqual(["a", "\ufffd"]);
  });
});

const operators = [
  ["lines()", lines()],
  ["rechunk(3)", rechunk(3)],
  ["decodeText()", decodeText()],
] as const;

for (const [name, operator] of operators) {
  const frames = operator as (source: Observable<Uint8Array>) => Observable<unknown>;
  describe(`${name}, checked as an operator`, () => {
    // Red when: it completes or emits without the source.
    test(`${name} emits nothing for a source that never emits [RX-010]`, () => {
      marbles(({ cold, expectObservable }) => expectObservable(frames(cold("-"))).toBe("-"));
    });

    // Red when: it emits a rest for an empty source.
    test(`${name} completes with an empty source [RX-010]`, () => {
      marbles(({ cold, expectObservable }) => {
        expectObservable(frames(cold("|"))).toBe("|");
        expectObservable(frames(cold("--e--|", { e: new Uint8Array(0) }))).toBe("-----|");
      });
    });

    // Red when: the source's error is lost, wrapped, or emitted after the rest.
    test(`${name} fails with the source's error, and discards an unfinished frame [RX-010] [RX-007]`, () => {
      const failure = new Error("the source broke");
      marbles(({ cold, expectObservable }) => {
        expectObservable(frames(cold("--e--#", { e: new Uint8Array(0) }, failure))).toBe(
          "-----#",
          {},
          failure,
        );
      });
      const { end } = record(
        frames(
          concat(
            of(utf8.encode("a")),
            throwError(() => failure),
          ),
        ),
      );
      expect(end[1]).toBe(failure);
    });

    // Red when: the source is not unsubscribed.
    test(`${name} unsubscribes its source at unsubscribing, and at the end [RX-010] [RX-002]`, () => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const values = { a: utf8.encode("abc\n") };
        const source = cold("--a--a--|", values);
        const taken = frames(source).pipe(take(1), toArray());
        expectObservable(taken).toBe("--(x|)", { x: [expect.anything()] });
        expectSubscriptions(source.subscriptions).toBe("^-!");
      });
    });

    // Red when: a value that comes during an emission overtakes the rest of the value before it.
    test(`${name} keeps the order if its subscriber makes the source emit [RX-010]`, async () => {
      const source = new Subject<Uint8Array>();
      const seen: unknown[] = [];
      let again = true;
      frames(source).subscribe((frame) => {
        seen.push(frame);
        if (again) {
          again = false;
          source.next(utf8.encode("ghi\n"));
          source.complete();
        }
      });
      source.next(utf8.encode("abc\ndef\n"));
      const expected = await lastValueFrom(
        frames(of(utf8.encode("abc\ndef\n"), utf8.encode("ghi\n"))).pipe(toArray()),
      );
      expect(seen).toEqual(expected);
    });

    for (const bad of [42, null, undefined, {}, new Uint16Array(1), new ArrayBuffer(1)]) {
      // Red when: a wrong value is accepted as bytes, or its error is thrown into the source.
      test(`${name} fails with a TypeError at ${Object.prototype.toString.call(bad)} [RX-010]`, () => {
        const source = new Subject<Uint8Array>();
        const { end } = record(frames(source));
        source.next(bad as Uint8Array);
        expect(end).toEqual(["error", expect.any(TypeError)]);
        expect(String(end?.[1])).toMatch(
          /^TypeError: Cannot read .*: (pass a Uint8Array|wrap its memory in a Uint8Array)$/,
        );
        expect(source.observed).toBe(false);
      });
    }
  });
}

describe("lines() and rechunk() of strings", () => {
  // Red when: strings are not encoded.
  test("lines() and rechunk() encode strings as UTF-8 [RX-010]", () => {
    expect(emitted(of("sm", "ör\ngås").pipe(lines()))).toEqual(["smör", "gås"]);
    expect(emitted(of("å").pipe(rechunk(1)))).toEqual([Uint8Array.of(0xc3), Uint8Array.of(0xa5)]);
  });
});
