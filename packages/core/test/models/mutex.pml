/*
 * The mutex of lock.ts and the condition of tally.ts, around a store of CAPACITY items. Each atomic operation is one statement. The parts of a
 * condition's word are variables, and each of its loops is one step, because condition.pml checks them. A parked thread is a bit in the queue of a futex word.
 *
 *   LATECOMER      one more thread tries the mutex and does not park
 *   DEATH          one maker may die while it holds the mutex. The store is then closed and the mutex is broken, as supervise() does. Needs
 *                  room for all items and no taker, because a pipe waits only for its mutex, never for a condition.
 *   FAULT_JOIN     a call is counted as waiting only after it has released the mutex
 *   FAULT_MARK     a call that finds the mutex locked parks without marking it
 *   FAULT_BREAK    the mutex of a dead thread is not broken
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
#ifndef THINGS          /* number of items that each maker makes */
#define THINGS 2
#endif

#define EMPTY 0         /* the conditions: wait while the store is empty, and wait while it is full */
#define FULL 1

byte mutex = 0, mutexLine = 0;
byte waiting[2], turns[2], number[2], line[2];
byte stored = 0, inside = 0, taken = 0, made = 0;
bit closed = 0, dead = 0, lost = 0;

#define ME (1 << id)
#define LOOK atomic { w = waiting[c]; t = turns[c]; n = number[c] }
#define SAME (waiting[c] == w && turns[c] == t && number[c] == n)

inline lock() {
  do
  :: atomic { old = mutex; if :: old == 0 -> mutex = 1 :: else fi };
     if :: old == 0 || lost -> break :: else fi; /* once lost, calls proceed without the mutex but move no item */
#ifndef FAULT_MARK
     atomic { old = mutex; mutex = 2 };
     if :: old == 0 -> break :: else fi;
     atomic { if :: mutex == 2 -> mutexLine = mutexLine | ME :: else fi };
#else
     atomic { if :: mutex != 0 -> mutexLine = mutexLine | ME :: else fi };
#endif
     (mutexLine & ME) == 0;
  od
}

inline unlock() {
  atomic { old = mutex; mutex = 0 };
  if :: old == 2 -> mutexLine = 0; old = 0 :: else -> old = 0 fi
}

inline join() {
  atomic { waiting[c]++; joinedTurns = turns[c]; joinedNumber = number[c] }
}

inline wait(condition) {
  c = condition;
#ifdef FAULT_JOIN
  unlock();
  join();
#else
  join();
  unlock();
#endif
  woken = 0;
  do
  :: LOOK;
     if
     :: t > 0 && (woken || joinedTurns == 0 || n != joinedNumber) ->
        atomic { if :: SAME -> turns[c]--; break :: else fi }
     :: else ->
        atomic { if :: SAME -> line[c] = line[c] | ME; woken = 1 :: else fi };
        (line[c] & ME) == 0
     fi
  od;
  atomic { w = 0; t = 0; n = 0; joinedTurns = 0; joinedNumber = 0; woken = 0 };  /* reset unused values, so that they do not multiply the states */
  lock()
}

inline notify(condition, count) {
  c = condition;
  atomic {
    w = waiting[c];
    if :: w > count -> w = count :: else fi;
    if :: w > 0 -> waiting[c] = waiting[c] - w; turns[c] = turns[c] + w; number[c]++ :: else fi
  };
  if :: w > 0 -> line[c] = 0 :: else fi;
  w = 0
}

inline enter() { inside++; assert(inside == 1 || lost) }

proctype Maker(byte id) {
  byte old, i = 0, c, w, t, n, joinedTurns, joinedNumber;
  bit woken;
  do
  :: i < THINGS && !closed ->
     lock();
     do :: stored == CAPACITY && !closed -> wait(FULL) :: else -> break od;
     if :: closed -> break :: else fi;
#ifdef DEATH
     if :: id == 0 -> dead = 1; goto out :: skip fi;
#endif
     enter();
     stored++;
     i++;
     inside--;
     notify(EMPTY, 1);
     unlock()
  :: else -> break
  od;
  if
  :: !closed ->
     lock();
     made++;
     if :: made == MAKERS -> closed = 1; notify(EMPTY, 255); notify(FULL, 255) :: else fi;
     unlock()
  :: else -> unlock()
  fi;
out: skip
}

proctype Taker(byte id) {
  byte old, c, w, t, n, joinedTurns, joinedNumber;
  bit woken, over = 0;
  do
  :: !over ->
     lock();
     do :: stored == 0 && !closed -> wait(EMPTY) :: else -> break od;
     if
     :: stored > 0 && !lost ->
        enter();
        stored--;
        taken++;
        inside--;
        notify(FULL, 1)
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
