import { expect, test } from "vitest";
import { type Frame, Window } from "../src/window.ts";

const data = (offset: number, length: number): Frame => ({
  kind: "data",
  offset,
  bytes: new Uint8Array(length),
  end: offset + length,
});
const none = { end: 0, frames: 0 };

// Red when: a frame counts only its bytes, without its overhead.
test("Window.hasRoom() counts the bytes of unread frames, and 256 for each [NATS-004]", () => {
  const window = new Window(4096, 0, none);
  window.add(data(0, 1033));
  window.add(data(1033, 1033));
  expect(window.hasRoom(4096 - 2 * (1033 + 256) - 256)).toBe(true);
  expect(window.hasRoom(4096 - 2 * (1033 + 256) - 255)).toBe(false);
  window.commit(2065);
  expect(window.hasRoom(4096 - 1033 - 512)).toBe(true);
  expect(window.hasRoom(4096 - 1033 - 511)).toBe(false);
});

// Red when: the unread bytes of an earlier session are not counted.
test("Window.hasRoom() counts the unread bytes of an earlier writer, until they are read [NATS-004]", () => {
  const window = new Window(4096, 100, { end: 1133, frames: 4 });
  expect(window.hasRoom(4096 - 1033 - 1024 - 256)).toBe(true);
  expect(window.hasRoom(4096 - 1033 - 1024 - 255)).toBe(false);
  window.commit(1132);
  expect(window.hasRoom(4096 - 1 - 1024 - 255)).toBe(false);
  window.commit(1133);
  expect(window.hasRoom(4096 - 256)).toBe(true);
});

// Red when: the bytes of a frame are dropped from the window as soon as they were read.
test("Window keeps read frames while they fit, and all unread frames [NATS-001]", () => {
  const window = new Window(4096, 0, none);
  for (let offset = 0; offset < 5120; offset += 1024) {
    window.add(data(offset, 1024));
    window.commit(offset + 1024);
  }
  expect(window.at(1)).toBeUndefined();
  expect(window.at(2)?.offset).toBe(2048);
  expect(window.firstAfter(3072, false)).toBe(3);
  expect(window.firstAfter(0, false)).toBe(2);
  expect(window.count).toBe(5);
});

// Red when: an end counts as stored if all bytes before it are stored.
test("Window.firstAfter() distinguishes a stored end from an unstored one [NATS-001]", () => {
  const window = new Window(4096, 0, none);
  window.add(data(0, 511));
  window.add({ kind: "end", offset: 511, bytes: new Uint8Array(0), end: 511 });
  expect(window.firstAfter(511, false)).toBe(1);
  expect(window.firstAfter(511, true)).toBe(2);
  expect(window.firstAfter(510, false)).toBe(0);
});
