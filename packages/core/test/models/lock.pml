/*
 * Threads that wait for the mutex of lock.ts: each with promises of its event loop and, meanwhile, by blocking. Each atomic operation is one statement.
 *
 * A parked waiter is a bit in the queue of the futex word: one for a thread that blocks, and one for each promise. The promises of a thread settle only
 * while it does not block. The holder lives. Every other thread may die at any step, and the platform then removes it from the queue.
 *
 *   PROMISES   the number of promises of each thread. Each has its own wait, as several ends in one thread have
 *   DEATH      every thread but the last may die while it does not hold the mutex
 *   FAULT_ONE  an unlock wakes one waiter: the earlier protocol
 */
#ifndef THREADS
#define THREADS 2
#endif
#ifndef PROMISES
#define PROMISES 1
#endif

#define FREE 0
#define LOCKED 1
#define WANTED 2

byte mutex = FREE;
short line = 0;
byte inside = 0;

#define BLOCKED (1 << id)
#define PROMISE(n) (1 << (THREADS + id * PROMISES + (n)))
#define ALL_OF_MINE (BLOCKED | (((1 << PROMISES) - 1) << (THREADS + id * PROMISES)))

inline mayDie() {
#ifdef DEATH
  if :: id < THREADS - 1 -> atomic { line = line & ~(ALL_OF_MINE); goto dead } :: skip fi
#else
  skip
#endif
}

inline lockOrMark() {
  atomic { old = mutex; if :: old == FREE -> mutex = LOCKED :: else fi };
  if
  :: old != FREE ->
     mayDie();
     atomic { old = mutex; mutex = WANTED }
  :: else
  fi
}

inline wake() {
#ifdef FAULT_ONE
  atomic {                                      /* any of them: weaker than the FIFO order of the platform */
    if
    :: line & 1 -> line = line - 1
    :: line & 2 -> line = line - 2
    :: line & 4 -> line = line - 4
    :: line & 8 -> line = line - 8
    :: line & 16 -> line = line - 16
    :: line & 32 -> line = line - 32
    :: line == 0
    fi
  }
#else
  line = 0
#endif
}

inline use() {
  inside++;
  assert(inside == 1);
  inside--;
  atomic { old = mutex; mutex = FREE };
  if :: old == WANTED -> wake() :: else fi
}

/* The steps of a promise at its beginning, and after its wait was woken. */
inline attempt(n) {
  do
  :: lockOrMark();
     if :: old == FREE -> use(); pending = pending & ~(1 << n); break :: else fi;
     mayDie();
     atomic { old = mutex; if :: old == WANTED -> line = line | PROMISE(n) :: else fi };
     if :: old == WANTED -> break :: else fi
  od
}

proctype Thread(byte id) {
  byte old, n = 0, pending = (1 << PROMISES) - 1;
  do :: n < PROMISES -> attempt(n); mayDie(); n++ :: else -> break od;
  do                                            /* lock() */
  :: lockOrMark();
     if :: old == FREE -> break :: else fi;
     mayDie();
     atomic { old = mutex; if :: old == WANTED -> line = line | BLOCKED :: else fi };
     if
     :: old == WANTED ->
        do
        :: (line & BLOCKED) == 0 -> break
#ifdef DEATH
        :: id < THREADS - 1 -> atomic { line = line & ~(ALL_OF_MINE); goto dead }
#endif
        od
     :: else
     fi
  od;
  use();
  n = 0;
  do                                            /* the event loop */
  :: pending == 0 -> break
  :: (pending & 1) && (line & PROMISE(0)) == 0 -> attempt(0)
#if PROMISES > 1
  :: (pending & 2) && (line & PROMISE(1)) == 0 -> attempt(1)
#endif
#ifdef DEATH
  :: id < THREADS - 1 && pending != 0 -> atomic { line = line & ~(ALL_OF_MINE); goto dead }
#endif
  od;
dead: skip
}

init {
  byte id = 0;
  atomic { do :: id < THREADS -> run Thread(id); id++ :: else -> break od };
  _nr_pr == 1;
  assert(mutex == FREE)
}
