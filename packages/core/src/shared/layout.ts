import { PIPE_CAPACITY } from "../pipe/ring.ts";

/*
 * The whole of a pipe between threads: 1,024 bytes of shared memory. What the writer moves and what the reader moves never
 * share a cache line of 64 bytes; the first line is read by both and seldom written.
 *
 *      0  MAGIC  STATE  READER_SLEEPS  WRITER_SLEEPS  ATTACHED  WRITES
 *     64  HEAD           bytes ever written, modulo 2^32     written by the writer
 *    128  TAIL           bytes ever read, modulo 2^32        written by the reader
 *    192  WRITER_MUTEX   for "many" writers
 *    224  READER_MUTEX   for "many" readers
 *    256  the error that one side closed with
 *    512  the ring
 */

export const MEMORY_BYTES = 1024;
export const ERROR_OFFSET = 256;
export const ERROR_BYTES = 256;
export const RING_OFFSET = 512;
/** As a constant of this file, so that the copies need no other module; the tests shrink it. */
export const CAPACITY: number = PIPE_CAPACITY;

// Indexes of 32-bit words.

/** Says that the memory is a pipe's, and in which version of this layout. */
export const MAGIC = 0;
/** What has become of the two sides: the bits below. Bits are set and never cleared. Who waits for `closed` sleeps on it. */
export const STATE = 1;
/** 1 while the reader sleeps, or may: set by it, cleared by whoever wakes it. It sleeps on this very word. */
export const READER_SLEEPS = 2;
/** The free bytes that the sleeping writer waits for, in the same way. */
export const WRITER_SLEEPS = 3;
/** Which sides were attached, and which may be so more than once. Set when the pipe is made, and by those that attach. */
export const ATTACHED = 4;
/** Writes that are not over, of all threads together, where there are many writers. */
export const WRITES = 5;
export const HEAD = 16;
export const TAIL = 32;
export const WRITER_MUTEX = 48;
export const READER_MUTEX = 56;

/** "P512", and the version. */
export const MAGIC_VALUE = 0x50512001;

/** Bits of {@link STATE}: how the writer closed, then how the reader did. One at most is set for each. */
export const CLOSED = 1;
export const FAILED = 2;
export const LOST = 4;
export const WRITER_CLOSED: number = CLOSED | FAILED | LOST;
export const READER_SHIFT = 3;
export const READER_CLOSED: number = WRITER_CLOSED << READER_SHIFT;
/** `writer.close()` was called, so that no new write begins; those that wait may still go on. */
export const ENDING = 64;
/** The writer closed and its last byte was read. */
export const DRAINED = 128;

/** The side whose error stands in the memory, and whether all of it does; or 0. Claimed by the first. */
export const ERROR_OWNER: number = ERROR_OFFSET / 4;

/** Bits of {@link ATTACHED}. */
export const WRITER_ATTACHED = 1;
export const READER_ATTACHED = 2;
export const MANY_WRITERS = 4;
export const MANY_READERS = 8;
/** Set by a thread of a browser once it holds the lock that dies with it. */
export const WRITER_LOCKED = 16;
export const READER_LOCKED = 32;
