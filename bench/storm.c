/*
 * Makes children that crash, many in a short time: storm rate PER_SECOND SECONDS, or storm burst COUNT
 *
 * With `rate` one is forked at each of its moments, late ones at once. With `burst` all exist first, and crash when the last is there.
 * A child writes through a null pointer: no program is started for it, so nearly all that is measured is the dump. A line at
 * the end: how many crashed, how many of these the kernel says were dumped, microseconds from the first fork (the release of the
 * burst) to the last fork and to the last child's end, and how many were unreaped at once at most.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long reaped, dumped, unreaped, most;

static uint64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000 + (uint64_t)time.tv_nsec / 1000;
}

/* Its frames are what the quick key sees: one place for all. */
static void crash(volatile int *place) { *place = 1; }

/* gate: a pipe on whose end the child waits; null for none. */
static void child(const int *gate) {
  pid_t pid = fork();
  if (pid < 0) {
    perror("fork");
    exit(1);
  }
  if (pid > 0) {
    unreaped++;
    if (unreaped > most)
      most = unreaped;
    return;
  }
  if (gate != NULL) {
    char byte;
    close(gate[1]);
    while (read(gate[0], &byte, 1) > 0) {
    }
  }
  crash(NULL);
  _exit(1);
}

static void reap(int options) {
  int status;
  while (unreaped > 0) {
    pid_t pid = waitpid(-1, &status, options);
    if (pid <= 0)
      return;
    unreaped--;
    if (WIFSIGNALED(status)) {
      reaped++;
      if (WCOREDUMP(status))
        dumped++;
    }
  }
}

static void wait_until(uint64_t moment) {
  struct timespec time = {(time_t)(moment / 1000000), (long)(moment % 1000000) * 1000};
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL) == EINTR) {
  }
}

int main(int argc, char **argv) {
  uint64_t begin, last;
  if (argc == 4 && strcmp(argv[1], "rate") == 0) {
    long rate = atol(argv[2]), count = rate * atol(argv[3]);
    begin = now();
    for (long made = 0; made < count; made++) {
      wait_until(begin + (uint64_t)made * 1000000 / (uint64_t)rate);
      child(NULL);
      reap(WNOHANG);
    }
    last = now();
  } else if (argc == 3 && strcmp(argv[1], "burst") == 0) {
    int gate[2];
    if (pipe(gate) != 0)
      return 1;
    for (long made = 0; made < atol(argv[2]); made++)
      child(gate);
    begin = last = now();
    close(gate[1]);
  } else {
    return 2;
  }
  reap(0);
  printf("%ld %ld %llu %llu %ld\n", reaped, dumped, (unsigned long long)(last - begin),
         (unsigned long long)(now() - begin), most);
  return 0;
}
