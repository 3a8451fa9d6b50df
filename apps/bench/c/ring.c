// The implementation "Thread C ring": what two threads and 512 bytes can do at best, and "Thread C ring, ordered" as JavaScript must. A ring of one writer and one reader that
// spins for as long as it takes, and knows no end, no error and no sleep. It speaks the protocol of
// ../src/runner/protocol.ts as the Go implementation does, and fills its chunks itself, since what they say makes no difference.
#define _POSIX_C_SOURCE 200809L
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { CAPACITY = 512 };

// Counters count on for ever and wrap at 2^32. Each has a cache line of its own.
static _Alignas(64) _Atomic unsigned head;
static _Alignas(64) _Atomic unsigned tail;
static _Alignas(64) unsigned char ring[CAPACITY];

static size_t chunk_bytes, pool_bytes, read_bytes;
static unsigned char *pool;
// Whether counters are stored in the one order that all threads agree on, as Atomics.store() does, which has no weaker one.
static bool is_ordered;

static void relax(void) {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

static void publish(_Atomic unsigned *counter, unsigned value) {
  if (is_ordered)
    atomic_store_explicit(counter, value, memory_order_seq_cst);
  else
    atomic_store_explicit(counter, value, memory_order_release);
}

static size_t least(size_t a, size_t b) { return a < b ? a : b; }

// Writes all of it. `own` is the writer's counter and `peer` the reader's as it was when last looked at.
static void write_all(const unsigned char *bytes, size_t length, unsigned *own, unsigned *peer) {
  while (length > 0) {
    size_t room = CAPACITY - (*own - *peer);
    if (room < length) {
      *peer = atomic_load_explicit(&tail, memory_order_acquire);
      room = CAPACITY - (*own - *peer);
      if (room == 0) {
        relax();
        continue;
      }
    }
    size_t count = least(room, length), start = *own % CAPACITY, first = least(count, CAPACITY - start);
    memcpy(ring + start, bytes, first);
    memcpy(ring, bytes + first, count - first);
    *own += (unsigned)count;
    publish(&head, *own);
    bytes += count;
    length -= count;
  }
}

// Reads what is there, once something is.
static size_t read_some(unsigned char *into, size_t length, unsigned *own, unsigned *peer) {
  size_t there = *peer - *own;
  if (there < length) {
    while ((*peer = atomic_load_explicit(&head, memory_order_acquire)) == *own) relax();
    there = *peer - *own;
  }
  size_t count = least(there, length), start = *own % CAPACITY, first = least(count, CAPACITY - start);
  memcpy(into, ring + start, first);
  memcpy(into + first, ring, count - first);
  *own += (unsigned)count;
  publish(&tail, *own);
  return count;
}

static void *send_chunks(void *steps) {
  unsigned own = 0, peer = 0;
  size_t at = 0;
  for (long left = *(long *)steps; left > 0; left--) {
    write_all(pool + at, chunk_bytes, &own, &peer);
    at += chunk_bytes;
    if (at + chunk_bytes > pool_bytes) at = 0;
  }
  return NULL;
}

static double now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return 1e9 * (double)now.tv_sec + (double)now.tv_nsec;
}

// Sends so many chunks and returns the time in ns. A byte in 4,096 is looked at, as with all implementations.
static double transfer(long steps) {
  static volatile unsigned sum;
  static unsigned char *into;
  if (into == NULL) into = malloc(read_bytes);
  atomic_store(&head, 0);
  atomic_store(&tail, 0);
  double started = now_ns();
  pthread_t writer;
  if (into == NULL || pthread_create(&writer, NULL, send_chunks, &steps) != 0) {
    puts("{\"error\":\"It could not start a thread\"}");
    exit(1);
  }
  unsigned own = 0, peer = 0;
  for (size_t left = (size_t)steps * chunk_bytes; left > 0;) {
    size_t count = read_some(into, read_bytes, &own, &peer);
    for (size_t at = 0; at < count; at += 4096) sum += into[at];
    left -= count;
  }
  double elapsed = now_ns() - started;
  pthread_join(writer, NULL);
  return elapsed;
}

// A number of the task, which is one line of JSON that the parent wrote.
static size_t number_of(const char *task, const char *name, size_t otherwise) {
  char key[32];
  snprintf(key, sizeof key, "\"%s\":", name);
  const char *found = strstr(task, key);
  return found == NULL ? otherwise : strtoul(found + strlen(key), NULL, 10);
}

int main(int count, char **arguments) {
  // The parent decides when its implementations end, also when a terminal interrupts all of them at once.
  signal(SIGINT, SIG_IGN);
  setvbuf(stdout, NULL, _IOLBF, 0);
  const char *task = count > 1 ? arguments[count - 1] : "";
  if (strstr(task, "\"scenario\":\"transfer\"") == NULL) {
    puts("{\"error\":\"the C implementation does not know the scenario\"}");
    return 0;
  }
  is_ordered = strstr(task, "ordered") != NULL;
  chunk_bytes = number_of(task, "chunkBytes", CAPACITY);
  pool_bytes = number_of(task, "poolBytes", chunk_bytes);
  if (pool_bytes < chunk_bytes) pool_bytes = chunk_bytes;
  read_bytes = number_of(task, "readBytes", 65536);
  pool = malloc(pool_bytes);
  if (pool == NULL || chunk_bytes == 0) {
    puts("{\"error\":\"There is no memory for the chunks\"}");
    return 1;
  }
  for (size_t at = 0; at < pool_bytes; at++) pool[at] = (unsigned char)at;
  puts("{\"ready\":\"C\"}");

  char request[256];
  double steps_per_ms = 0, milliseconds;
  while (fgets(request, sizeof request, stdin) != NULL) {
    if (sscanf(request, "{\"warmUpMs\":%lf", &milliseconds) == 1) {
      double end = now_ns() + 1e6 * milliseconds;
      for (long steps = 64;;) {
        double elapsed = transfer(steps);
        steps_per_ms = 1e6 * (double)steps / elapsed;
        if (now_ns() >= end) break;
        if (elapsed < 1e6 * milliseconds / 4) steps *= 2;
      }
      puts("{}");
    } else if (sscanf(request, "{\"measureMs\":%lf", &milliseconds) == 1) {
      long steps = (long)(steps_per_ms * milliseconds) + 1;
      double elapsed = transfer(steps);
      printf("{\"cost\":%.3f,\"unit\":\"ns/chunk\",\"steps\":%ld,\"elapsedNs\":%.0f}\n", elapsed / (double)steps,
             steps, elapsed);
    } else {
      puts("{\"error\":\"It does not know the request\"}");
    }
  }
  return 0;
}
