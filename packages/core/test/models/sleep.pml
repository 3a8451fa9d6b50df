/*
 * How two threads share the ring and park: protocol.ts. Each of its atomic operations is one statement.
 *
 * Each word of the shared memory is a variable. Parking takes two steps, as in the kernel: compare the word and join its queue, then wake up.
 * Counters do not wrap here; tests of the code cover that.
 *
 * -D sets the sizes, what a side may do, and the planted faults, each of which the model must find:
 *   RPC            the writer waits, by other means, until each of its calls was read
 *   HALT           the reader waits, by other means, as soon as the rest of a call fits
 *   READER_LEAVES  the reader may close at any time
 *   FLUSH          the writer flushes after each call
 *   SPURIOUS       threads may wake for no reason
 *   LIVENESS       both finish (with weak fairness). Without it: neither is stuck
 *   FAULT_LOOK     the condition is not checked again after parking was announced
 *   FAULT_WAKE     a finished write wakes no reader
 *   FAULT_NEED     a writer asks for more room than its write needs
 *   FAULT_CLOSE    a close wakes no parked thread
 *   FAULT_CLEAR    waking the reader does not clear the word, so that it still parks
 */
#ifndef CAPACITY
#define CAPACITY 2
#endif
#ifndef LENGTH          /* bytes of a write */
#define LENGTH 3
#endif
#ifndef WRITES
#define WRITES 2
#endif
#ifndef INTO            /* size of a read's array */
#define INTO 2
#endif
#define TOTAL (LENGTH * WRITES)
#define MIN(a, b) ((a) < (b) -> (a) : (b))

byte head = 0, tail = 0;
byte readerSleeps = 0, writerSleeps = 0;        /* the amount that each side waits for */
bit readerInLine = 0, writerInLine = 0;         /* whether it is parked */
bit writerClosed = 0, readerClosed = 0;
byte ring[CAPACITY];                            /* the value of each byte is its position */
byte written = 0;                               /* number of completed write calls */
bit writerDone = 0, readerDone = 0;

inline wakeReader() {
  seen = readerSleeps;
  if
  :: seen != 0 ->
#ifdef FAULT_CLEAR
     readerInLine = 0
#else
     atomic { seen = readerSleeps; if :: seen == 1 -> readerSleeps = 0 :: else fi };
     if :: seen == 1 -> readerInLine = 0 :: else fi
#endif
  :: else
  fi
}

inline wakeWriter() {
  do
  :: seen = writerSleeps;
     if :: seen == 0 -> break :: else fi;
     if :: CAPACITY - (head - own) < seen -> break :: else fi;
     atomic { if :: writerSleeps == seen -> writerSleeps = 0; woke = 1 :: else -> woke = 0 fi };
     if :: woke -> writerInLine = 0; break :: else fi
  od
}

inline announce(word, need) {
  do
  :: seen = word;
     if :: seen != 0 && seen <= need -> break :: else fi;
     atomic { if :: word == seen -> word = need; woke = 1 :: else -> woke = 0 fi };
     if :: woke -> seen = need; break :: else fi
  od
}

inline sleep(word, inLine) {                    /* parks if the word still has the value that announce() stored in `seen` */
  atomic { if :: word == seen -> inLine = 1 :: else fi };
  inLine == 0
}

inline closeSide(side) {
  side = 1;
#ifndef FAULT_CLOSE
  readerSleeps = 0;
  writerSleeps = 0;
#endif
  readerInLine = 0;
  writerInLine = 0
}

active proctype Writer() {
  byte own = 0, peer = 0, rest, count, i, call = 0, seen;
  bit woke;
  do
  :: call < WRITES ->
     rest = LENGTH;
     do
     :: rest > 0 ->
        if :: readerClosed -> goto out :: else fi;
        if :: CAPACITY - (own - peer) < rest -> peer = tail :: else fi;
        count = MIN(rest, CAPACITY - (own - peer));
        if
        :: count > 0 ->
           i = 0;
           do :: i < count -> ring[(own + i) % CAPACITY] = own + i; i++ :: else -> break od;
           own = own + count;
           rest = rest - count;
           head = own
        :: else ->
           wakeReader();
#ifdef FAULT_NEED
           count = (CAPACITY + 1) / 2;
#else
           count = MIN(rest, (CAPACITY + 1) / 2);
#endif
           announce(writerSleeps, count);
#ifndef FAULT_LOOK
           if :: tail != peer || readerClosed -> goto again :: else fi;
#endif
           sleep(writerSleeps, writerInLine);
again:     skip
        fi
     :: else -> break
     od;
#ifndef FAULT_WAKE
     wakeReader();
#endif
#ifdef RPC
     tail == own;
#endif
#ifdef FLUSH
     do
     :: peer = tail;
        if :: peer == own || readerClosed -> break :: else fi;
        announce(writerSleeps, 1);
        if :: tail != peer || readerClosed -> goto flushing :: else fi;
        sleep(writerSleeps, writerInLine);
flushing: skip
     od;
#endif
     call++;
     written = call
  :: else -> break
  od;
  closeSide(writerClosed);
out:
  writerDone = 1
}

active proctype Reader() {
  byte own = 0, peer = 0, count, i, seen;
  bit woke, closed;
  do
  :: closed = writerClosed;                     /* read first: if it is set, all written bytes are visible */
     if :: peer - own < INTO -> peer = head :: else fi;
     count = MIN(INTO, peer - own);
     if
     :: count > 0 ->
        i = 0;
        do :: i < count -> assert(ring[(own + i) % CAPACITY] == own + i); i++ :: else -> break od;
        own = own + count;
        tail = own;
        wakeWriter();
#ifdef HALT
        if :: own == LENGTH - CAPACITY -> written >= 1 :: else fi;
#endif
#ifdef READER_LEAVES
        if :: closeSide(readerClosed); goto out :: skip fi
#endif
     :: else ->
        if :: closed -> break :: else fi;
        announce(readerSleeps, 1);
#ifndef FAULT_LOOK
        if :: head != peer || writerClosed -> goto again :: else fi;
#endif
        sleep(readerSleeps, readerInLine);
again:  skip
     fi
  od;
  assert(own == TOTAL);
out:
  readerDone = 1
}

#ifdef SPURIOUS
active proctype Spurious() {
end:
  do
  :: readerInLine == 1 -> readerInLine = 0
  :: writerInLine == 1 -> writerInLine = 0
  :: writerDone && readerDone -> break
  od
}
#endif

#ifdef LIVENESS
ltl done { <> (writerDone && readerDone) }
#endif
