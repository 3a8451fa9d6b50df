import type { Side } from "../errors.ts";
import { ROSTER, ROSTER_WORDS } from "./layout.ts";

/*
 * The list of threads that have attached a side of a pipe: one word for each thread and side. It distinguishes a thread that
 * died with an end attached from one that never attached it, or has detached it. If the list is full, further threads are
 * not listed.
 */

/** The relation of a thread to a side. It is `"unknown"` if the thread may be one that could not be listed. */
export type Standing = "absent" | "here" | "left" | "unknown";

const READER = 1;
const LEFT = 2;
/** In browsers: the thread holds its Web Lock. */
const LOCKED = 4;
const NUMBER_SHIFT = 3;
/** The common number of all threads whose number is not known. */
export const UNKNOWN_THREAD = 1;

/** Lists a thread, which may have left before. Returns whether there was room. */
export function enter(words: Int32Array, side: Side, thread: number): boolean {
  const entry = entryOf(side, thread);
  return (
    change(words, (value) => (isOf(value, entry) ? value & ~LEFT : undefined)) ||
    change(words, (value) => (value === 0 ? entry : undefined)) ||
    change(words, (value) => ((value & LEFT) !== 0 ? entry : undefined))
  );
}

/** Records that the thread has detached its last end of the side, or has ended without failing it. */
export function leave(words: Int32Array, side: Side, thread: number): void {
  if (thread === UNKNOWN_THREAD) return; // Other threads may share this entry.
  const entry = entryOf(side, thread);
  change(words, (value) => (isOf(value, entry) ? value | LEFT : undefined));
}

/** Records that the thread holds its Web Lock. */
export function markLocked(words: Int32Array, side: Side, thread: number): void {
  const entry = entryOf(side, thread);
  change(words, (value) => (isOf(value, entry) ? value | LOCKED : undefined));
}

export function standing(words: Int32Array, side: Side, thread: number): Standing {
  const ofSide = entries(words).filter((value) => value !== 0 && (value & READER) === readerBit(side));
  if (thread === UNKNOWN_THREAD) return ofSide.length === 0 ? "absent" : "unknown";
  const own = ofSide.find((value) => value >> NUMBER_SHIFT === thread);
  if (own !== undefined) return (own & LEFT) === 0 ? "here" : "left";
  const isFull = !entries(words).includes(0);
  return isFull || ofSide.some((value) => value >> NUMBER_SHIFT === UNKNOWN_THREAD) ? "unknown" : "absent";
}

/** The threads that have the side. */
export function threadsOf(words: Int32Array, side: Side): number[] {
  return entries(words)
    .filter((value) => value !== 0 && (value & (LEFT | READER)) === readerBit(side))
    .map((value) => value >> NUMBER_SHIFT);
}

/** The threads that have attached the side and hold their Web Lock. */
export function lockedThreads(words: Int32Array, side: Side): number[] {
  return entries(words)
    .filter((value) => (value & (LOCKED | LEFT | READER)) === (LOCKED | readerBit(side)))
    .map((value) => value >> NUMBER_SHIFT);
}

function entries(words: Int32Array): number[] {
  return Array.from({ length: ROSTER_WORDS }, (_, index) => Atomics.load(words, ROSTER + index));
}

function entryOf(side: Side, thread: number): number {
  return (thread << NUMBER_SHIFT) | readerBit(side);
}

function readerBit(side: Side): number {
  return side === "reader" ? READER : 0;
}

function isOf(value: number, entry: number): boolean {
  return (value & ~(LEFT | LOCKED)) === entry;
}

/** Replaces the first entry for which `to` returns a value. Returns whether there was one. */
function change(words: Int32Array, to: (value: number) => number | undefined): boolean {
  for (let index = ROSTER; index < ROSTER + ROSTER_WORDS; index += 1) {
    const value = Atomics.load(words, index);
    const next = to(value);
    if (next === undefined) {
      if (value === 0) return false; // Words are filled from the front, so the rest is empty.
      continue;
    }
    if (Atomics.compareExchange(words, index, value, next) === value) return true;
    index -= 1; // Another thread changed this word first, so check it again.
  }
  return false;
}
