import { PIPE_CAPACITY } from "../pipe/ring.ts";

/*
 * The layout of a pipe between threads: 1,536 bytes of shared memory. The counters of the writer and of the reader are in
 * different cache lines of 64 bytes. The first line is read by both sides and seldom written.
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
/** A constant of this file, so that tests can replace it by a smaller value. */
export const CAPACITY: number = PIPE_CAPACITY;

// Indexes of 32-bit words.

/** Identifies the memory as that of a pipe, and the version of this layout. */
export const MAGIC = 0;
/** The state of both sides: the bits below, which are set and never cleared. Also the futex word of `closed`. */
export const STATE = 1;
/** The futex word of the reader: 1 while it is parked or about to park. It sets the word; the thread that wakes it clears it. */
export const READER_SLEEPS = 2;
/** The futex word of the writer: the number of free bytes that it waits for, or 0. */
export const WRITER_SLEEPS = 3;
/** Which sides are attached, and which may be attached more than once. */
export const ATTACHED = 4;
/** The number of pending writes of all threads. Used only with many writers. */
export const WRITES = 5;
/** The number of Web Locks acquired for this pipe. Also the futex word of supervising threads. */
export const LOCKS = 6;
/** Two random words that identify the pipe, even if a thread has received its memory several times. */
export const NAME = 7;
export const HEAD = 16;
export const TAIL = 32;
export const WRITER_MUTEX = 48;
export const READER_MUTEX = 56;
export const ROSTER = 320;
export const ROSTER_WORDS = 64;

/** "P512", and the version. */
export const MAGIC_VALUE = 0x50512002;

/** Bits of {@link STATE}: the close of the writer, then that of the reader. At most one of these is set for each side. */
export const CLOSED = 1;
export const FAILED = 2;
export const LOST = 4;
export const WRITER_CLOSED: number = CLOSED | FAILED | LOST;
export const READER_SHIFT = 3;
export const READER_CLOSED: number = WRITER_CLOSED << READER_SHIFT;
/** `writer.close()` was called: no new write begins, and pending ones finish. */
export const ENDING = 64;
/** The writer closed and its last byte was read. */
export const DRAINED = 128;

/** Bits of {@link ATTACHED}. */
export const WRITER_ATTACHED = 1;
export const READER_ATTACHED = 2;
export const MANY_WRITERS = 4;
export const MANY_READERS = 8;
/** The pipe was made with a signal, so that a thread that has no end of it may close it. */
export const HAS_SIGNAL = 16;
