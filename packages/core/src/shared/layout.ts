import { PIPE_CAPACITY } from "../pipe/ring.ts";

/*
 * The whole of a pipe between threads: 1,536 bytes of shared memory. What the writer moves and what the reader moves never
 * share a cache line of 64 bytes; the first line is read by both and seldom written.
 *
 *      0  MAGIC  STATE  READER_SLEEPS  WRITER_SLEEPS  ATTACHED  WRITES  LOCKS  NAME
 *     64  HEAD           bytes ever written, modulo 2^32     written by the writer
 *    128  TAIL           bytes ever read, modulo 2^32        written by the reader
 *    192  WRITER_MUTEX   for "many" writers
 *    224  READER_MUTEX   for "many" readers
 *    256  the error that the writer closed with
 *    512  the ring
 *   1024  the error that the reader closed with
 *   1280  ROSTER         one word for each thread that attached a side
 */

export const MEMORY_BYTES = 1536;
export const WRITER_ERROR_OFFSET = 256;
export const READER_ERROR_OFFSET = 1024;
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
/** Counts the Web Locks that threads of a browser have got for this pipe. A thread that supervises sleeps on it. */
export const LOCKS = 6;
/** Two words that tell this pipe from others, also where one thread has got its memory several times. */
export const NAME = 7;
export const HEAD = 16;
export const TAIL = 32;
export const WRITER_MUTEX = 48;
export const READER_MUTEX = 56;
export const ROSTER = 320;
export const ROSTER_WORDS = 64;

/** "P512", and the version. */
export const MAGIC_VALUE = 0x50512002;

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

/** Bits of {@link ATTACHED}. */
export const WRITER_ATTACHED = 1;
export const READER_ATTACHED = 2;
export const MANY_WRITERS = 4;
export const MANY_READERS = 8;
/** The pipe was made with a signal, so that a thread without an end may close it. */
export const HAS_SIGNAL = 16;
