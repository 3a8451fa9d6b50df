/*
 * The word of tally.ts: calls that wait at a condition, and notifications. Each atomic operation of the word is one statement. The parts of the word are
 * variables here. The mutex is one step, because mutex.pml checks it. A waiter ends once it was notified or has timed out.
 *
 *   WAITERS, NOTIFIERS, COUNT   the numbers of waiters and notifiers, and the number of waiters that each notification is for
 *   TIMEOUT    waiters may time out
 *   DEATH      the first waiter may die at any step
 *   UNLOCKED   a notifier does not hold the mutex
 *   FAULT_SEQUENCE  the word counts notifications, and the queue of the futex word counts the waiters: the earlier protocol
 *   FAULT_ONE  a notification wakes only as many parked waiters as it is for, and not all
 *   FAULT_JOIN a waiter is counted only after it has released the mutex
 *   FAULT_STEAL a waiter takes a notification that was given before the waiter was counted
 *   FAULT_LEAVE a waiter that times out does not check whether it was notified
 */
#ifndef WAITERS
#define WAITERS 2
#endif
#ifndef NOTIFIERS
#define NOTIFIERS 2
#endif
#ifndef COUNT
#define COUNT 1
#endif
#define MIN(a, b) ((a) < (b) -> (a) : (b))

byte waiting = 0, turns = 0, number = 0;        /* the word */
byte line = 0;                                  /* the parked waiters: the queue of the futex word */
bit locked = 0;

/* Counts of past events, for the assertions. */
byte given = 0, taken = 0, asleep = 0, effective = 0, dead = 0, left = 0;
byte cameAt[WAITERS];
bit isIn[WAITERS];

#define ME (1 << id)
#define SAME(w, t, n) (waiting == (w) && turns == (t) && number == (n))

inline mayDie() {
#ifdef DEATH
  if
  :: id == 0 -> atomic { line = line & ~ME; dead++; isIn[id] = 0; goto out }
  :: skip
  fi
#else
  skip
#endif
}

inline join() {
  do
  :: atomic { w = waiting; t = turns; n = number };
     atomic {
       if
       :: SAME(w, t, n) -> waiting++; joinedTurns = t; joinedNumber = n; cameAt[id] = effective; isIn[id] = 1; break
       :: else
       fi
     }
  od
}

#ifdef FAULT_STEAL
#define MAY_TAKE (t > 0)
#else
#define MAY_TAKE (t > 0 && (woken || joinedTurns == 0 || n != joinedNumber))
#endif

proctype Waiter(byte id) {
  byte w, t, n, joinedTurns, joinedNumber;
  bit woken = 0, over = 0;
  atomic { !locked -> locked = 1 };
#ifdef FAULT_SEQUENCE
  atomic { joinedNumber = number; cameAt[id] = effective; isIn[id] = 1 };
  locked = 0;
  mayDie();
  atomic { if :: number == joinedNumber -> line = line | ME :: else fi };
endAsleep:
  (line & ME) == 0;
  atomic { taken++; isIn[id] = 0 };
#else
#ifdef FAULT_JOIN
  locked = 0;
  mayDie();
  join();
#else
  join();
  locked = 0;
#endif
  do
  :: mayDie();
     atomic { w = waiting; t = turns; n = number };
     if
     :: MAY_TAKE ->
        atomic {
          if
          :: SAME(w, t, n) ->
             turns--; taken++; isIn[id] = 0;
             assert(taken <= given);
#ifndef UNLOCKED
             assert(cameAt[id] < effective);    /* it never takes a notification from before it was counted */
#endif
             break
          :: else
          fi
        }
     :: else ->
        atomic { if :: SAME(w, t, n) -> line = line | ME :: else -> goto again fi };
endAsleep:
        do
        :: (line & ME) == 0 -> woken = 1; break
#ifdef DEATH
        :: id == 0 -> atomic { line = line & ~ME; dead++; isIn[id] = 0; goto out }
#endif
#ifdef TIMEOUT
        :: atomic { (line & ME) != 0 -> line = line & ~ME }; over = 1; break
#endif
        od;
        if
        :: over ->
           do
           :: atomic { w = waiting; t = turns; n = number };
              atomic {
                if
                :: !SAME(w, t, n)
#ifndef FAULT_LEAVE
                :: SAME(w, t, n) && (MAY_TAKE || w == 0) -> turns--; taken++; isIn[id] = 0; goto out
                :: SAME(w, t, n) && !(MAY_TAKE || w == 0) -> waiting--; left++; isIn[id] = 0; goto out
#else
                :: SAME(w, t, n) -> if :: w > 0 -> waiting-- :: else fi; left++; isIn[id] = 0; goto out
#endif
                fi
              }
           od
        :: else
        fi;
again:  skip
     fi
  od;
#endif
out:
  skip
}

proctype Notifier() {
  byte w, t, n, k = 0;
#ifndef UNLOCKED
  atomic { !locked -> locked = 1 };
#endif
#ifdef FAULT_SEQUENCE
  atomic { number++; effective++ };
  atomic {
    do
    :: k < COUNT && (line & 1) -> line = line & ~1; k++
    :: k < COUNT && (line & 2) -> line = line & ~2; k++
    :: k < COUNT && (line & 4) -> line = line & ~4; k++
    :: k == COUNT || line == 0 -> break
    od;
    given = given + k
  };
#else
  do
  :: atomic { w = waiting; t = turns; n = number };
     k = MIN(COUNT, w);
     if :: k == 0 -> break :: else fi;
     atomic {
       if
       :: SAME(w, t, n) -> waiting = w - k; turns = t + k; number++; given = given + k; effective++; break
       :: else
       fi
     }
  od;
#ifdef FAULT_ONE
  w = 0;
  atomic {
    do
    :: w < k && (line & 1) -> line = line & ~1; w++
    :: w < k && (line & 2) -> line = line & ~2; w++
    :: w < k && (line & 4) -> line = line & ~4; w++
    :: w == k || line == 0 -> break
    od
  };
#else
  if :: k > 0 -> line = 0 :: else fi;
#endif
#endif
#ifndef UNLOCKED
  locked = 0;
#endif
  skip
}

/* When no process can proceed: every notification that was given was taken, and every parked waiter is counted. */
active proctype Judge() {
  byte i = 0;
  bit isEligible = 0;
  timeout;
  atomic {
    do
    :: i < WAITERS ->
       if :: isIn[i] -> asleep++; if :: cameAt[i] < effective -> isEligible = 1 :: else fi :: else fi;
       i++
    :: else -> break
    od;
    if
    :: dead == 0 -> assert(taken == given); assert(asleep + taken + left == WAITERS)
    :: else -> assert(taken == given || !isEligible)
    fi;
#ifndef FAULT_SEQUENCE
    if :: dead == 0 -> assert(waiting == asleep && turns == 0) :: else -> assert(waiting + turns >= asleep) fi
#endif
  }
}

init {
  byte id = 0;
  atomic {
    do :: id < WAITERS -> run Waiter(id); id++ :: else -> break od;
    id = 0;
    do :: id < NOTIFIERS -> run Notifier(); id++ :: else -> break od
  }
}
