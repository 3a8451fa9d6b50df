/*
 * The mutex of lock.ts and the condition of condition.ts, around a store that holds CAPACITY things: one statement for each atomic operation.
 * Who sleeps on a word is a bit of its line. A notification takes any of them, which is weaker than the order that the platform keeps.
 *
 *   LATECOMER      the mutex is only tried, by one more thread that does not sleep
 *   DEATH          one maker may die with the mutex; then what it guards is closed and the mutex is broken, as supervise() does. There must be
 *                  room for everything and nobody who takes it: a pipe waits for its mutex only, never for a condition.
 *   FAULT_COUNT    who waits looks at the count of notifications only after it has let go of the mutex
 *   FAULT_FORGET   who has slept takes the mutex as if nobody else slept
 *   FAULT_BREAK    the mutex of the dead is not broken
 */
#ifndef CAPACITY
#define CAPACITY 1
#endif
#ifndef MAKERS
#define MAKERS 1
#endif
#ifndef TAKERS
#define TAKERS 1
#endif
#ifndef THINGS          /* that each maker makes */
#define THINGS 2
#endif

byte mutex = 0, notEmpty = 0, notFull = 0;
byte mutexLine = 0, notEmptyLine = 0, notFullLine = 0;
byte stored = 0, inside = 0, taken = 0, made = 0;
bit closed = 0, dead = 0, lost = 0;

#define ME (1 << id)

inline notifyOne(line) {
  atomic {
    if
    :: line & 1 -> line = line - 1
    :: line & 2 -> line = line - 2
    :: line & 4 -> line = line - 4
    :: line & 8 -> line = line - 8
    :: line == 0
    fi
  }
}

inline lock() {
  atomic { old = mutex; if :: old == 0 -> mutex = 1 :: else fi };
  do
  :: old == 0 -> break
  :: lost -> break                              /* without it: nothing is moved any more */
  :: else ->
#ifdef FAULT_FORGET
     atomic { old = mutex; if :: old == 0 -> mutex = 1 :: old == 1 -> mutex = 2 :: else fi };
#else
     atomic { old = mutex; mutex = 2 };
#endif
     if :: old == 0 -> break :: else fi;
     atomic { if :: mutex == 2 -> mutexLine = mutexLine | ME :: else fi };
     (mutexLine & ME) == 0;
  od
}

inline unlock() {
  atomic { old = mutex; mutex = 0 };
  if :: old == 2 -> notifyOne(mutexLine) :: else fi
}

inline wait(count, line) {
#ifdef FAULT_COUNT
  unlock();
  seen = count;
#else
  seen = count;
  unlock();
#endif
  atomic { if :: count == seen -> line = line | ME :: else fi };
  (line & ME) == 0;
  lock()
}

inline enter() { inside++; assert(inside == 1 || lost) }

proctype Maker(byte id) {
  byte old, seen, i = 0;
  do
  :: i < THINGS && !closed ->
     lock();
     do :: stored == CAPACITY && !closed -> wait(notFull, notFullLine) :: else -> break od;
     if :: closed -> break :: else fi;
#ifdef DEATH
     if :: id == 0 -> dead = 1; goto out :: skip fi;
#endif
     enter();
     stored++;
     i++;
     inside--;
     notEmpty++;
     notifyOne(notEmptyLine);
     unlock()
  :: else -> break
  od;
  if
  :: !closed ->
     lock();
     made++;
     if :: made == MAKERS -> closed = 1; notEmpty++; notEmptyLine = 0; notFullLine = 0 :: else fi;
     unlock()
  :: else -> unlock()
  fi;
out: skip
}

proctype Taker(byte id) {
  byte old, seen;
  bit over = 0;
  do
  :: !over ->
     lock();
     do :: stored == 0 && !closed -> wait(notEmpty, notEmptyLine) :: else -> break od;
     if
     :: stored > 0 && !lost ->
        enter();
        stored--;
        taken++;
        inside--;
        notFull++;
        notifyOne(notFullLine)
     :: else -> over = 1
     fi;
     unlock()
  :: else -> break
  od
}

#ifdef LATECOMER
proctype Latecomer(byte id) {
  byte old;
  atomic { old = mutex; if :: old == 0 -> mutex = 1 :: else fi };
  if :: old == 0 -> enter(); inside--; unlock() :: else fi
}
#endif

#ifdef DEATH
active proctype Supervisor() {
end:
  dead;
  lost = 1;
  closed = 1;
  notEmpty++;
  notFull++;
  notEmptyLine = 0;
  notFullLine = 0;
#ifndef FAULT_BREAK
  mutex = 0;
  mutexLine = 0
#endif
}
#endif

init {
  byte id = 0;
  atomic {
    do :: id < MAKERS -> run Maker(id); id++ :: else -> break od;
    do :: id < MAKERS + TAKERS -> run Taker(id); id++ :: else -> break od;
#ifdef LATECOMER
    run Latecomer(id)
#endif
  }
#ifndef DEATH
  _nr_pr == 1;
  assert(taken == MAKERS * THINGS)
#endif
}
